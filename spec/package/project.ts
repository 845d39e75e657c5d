import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { workspace } from './workspace.js';

export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  /** The whole output. */
  readonly all: string;
}

/** A user's project: fixtures, a package.json, and the unpacked tarball in its `node_modules`. */
export class Project {
  /** A folder without a package.json, in which `npm install` makes one: next to the tools it would change theirs. */
  static empty(): Project {
    const project = new Project([], {}, workspace().apart);
    rmSync(path.join(project.folder, 'package.json'));
    return project;
  }

  readonly folder: string;

  /** Fixtures are folders below `fixtures`, copied in their order. */
  constructor(fixtures: readonly string[], manifest: object = {}, parent = workspace().projects) {
    this.folder = mkdtempSync(path.join(parent, `${fixtures.join('-') || 'empty'}-`));
    for (const name of fixtures) cpSync(path.join(__dirname, 'fixtures', name), this.folder, { recursive: true });
    writeFileSync(path.join(this.folder, 'package.json'), JSON.stringify({ private: true, ...manifest }));
  }

  withPackage(): this {
    const target = path.join(this.folder, 'node_modules/watermill');
    mkdirSync(target, { recursive: true });
    this.mustRun('tar', ['-xzf', workspace().tarball, '-C', target, '--strip-components', '1']);
    return this;
  }

  read(file: string): string {
    return readFileSync(path.join(this.folder, file), 'utf8');
  }

  remove(file: string): void {
    rmSync(path.join(this.folder, file), { recursive: true });
  }

  /** Runs a JavaScript file of the project. */
  node(...args: string[]): Outcome {
    return this.run(process.execPath, args);
  }

  /** Runs a tool's JavaScript file, given by its path below the tools' `node_modules`. */
  tool(file: string, ...args: string[]): Outcome {
    return this.node(path.join(workspace().tools, file), ...args);
  }

  run(program: string, args: readonly string[]): Outcome {
    const { status, stdout, stderr, error } = spawnSync(program, args, {
      cwd: this.folder,
      encoding: 'utf8',
      // With jest's own variables, the project's jest and vitest would run as workers of this one.
      env: {
        PATH: process.env.PATH,
        HOME: process.env.HOME,
        CI: 'true',
        NO_COLOR: '1',
        npm_config_prefer_offline: 'true',
      },
    });
    return { status, stdout, all: `${error ?? ''}${stdout}${stderr}` };
  }

  private mustRun(program: string, args: readonly string[]): void {
    const { status, all } = this.run(program, args);
    if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${all}`);
  }
}
