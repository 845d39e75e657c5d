import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { readBlocks } from './markdown-blocks.js';
import type { Page, Program } from './page.js';

const root = path.resolve(__dirname, '../..');
const samples = path.join(root, 'examples/robot-speed/samples');

/**
 * A folder in which the programs of all pages are compiled at once and run, each page's in a folder of its own, against
 * the built package. It lies inside the work tree, so that the packages of the work tree are found from it.
 */
export class Workshop {
  readonly folder = path.join(root, 'build', `docs-${process.pid}`);

  constructor(private readonly pages: readonly Page[]) {}

  /** Writes and compiles everything; gives the compiler's messages. */
  prepare(): string {
    if (!existsSync(path.join(root, 'dist/index.js'))) throw new Error('dist/ is missing: run `npm run build` first');
    this.write('package.json', '{ "type": "module" }');
    this.write('tsconfig.json', compilerSettings());
    mkdirSync(path.join(this.folder, 'node_modules'), { recursive: true });
    symlinkSync(root, path.join(this.folder, 'node_modules/watermill'), 'junction');
    for (const page of this.pages) this.writePage(page);
    if (this.pages.every((page) => page.programs.length === 0)) return '';
    const compiler = path.join(root, 'node_modules/typescript/bin/tsc');
    const { stdout } = spawnSync(process.execPath, [compiler, '-p', '.', ...setByInit], {
      cwd: this.folder,
      encoding: 'utf8',
    });
    return stdout;
  }

  folderOf(page: Page): string {
    return path.join(this.folder, page.path.replace(/\.md$/, '').replaceAll('/', '-'));
  }

  /** Runs a program; gives what it printed, or throws with it. */
  run(page: Page, program: Program): string {
    const { status, stdout, stderr } = spawnSync(process.execPath, [`${program.name}.js`], {
      cwd: this.folderOf(page),
      encoding: 'utf8',
      timeout: 50_000,
    });
    if (status !== 0) throw new Error(`${page.path}, ${program.name} ended with ${status}\n${stdout}\n${stderr}`);
    return stdout;
  }

  clear(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private writePage(page: Page): void {
    const folder = path.relative(this.folder, this.folderOf(page));
    mkdirSync(path.join(this.folder, folder), { recursive: true });
    if (existsSync(samples)) cpSync(samples, path.join(this.folder, folder, 'samples'), { recursive: true });
    for (const file of page.files) this.write(path.join(folder, file.path), file.content);
    for (const program of page.programs) this.write(path.join(folder, `${program.name}.ts`), program.source);
  }

  private write(name: string, content: string): void {
    const file = path.join(this.folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
}

/** The checks that `tsc --init` turns on in addition to `strict`. */
const setByInit = ['--noUncheckedIndexedAccess', '--exactOptionalPropertyTypes'];

/** The `tsconfig.json` that the README asks for. */
function compilerSettings(): string {
  const blocks = readBlocks(readFileSync(path.join(root, 'README.md'), 'utf8'));
  const settings = blocks.find(({ language, code }) => language === 'json' && code.includes('"compilerOptions"'));
  if (settings === undefined) throw new Error('README.md shows no tsconfig.json');
  return settings.code;
}
