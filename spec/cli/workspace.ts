import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { temporaryDirectory } from '../support/temporary-directory.js';

/** The command itself. */
export const main = path.resolve(__dirname, '../../dist/cli/main.js');

/** Returns the path of a module among the fixtures. */
export const fixture = (name: string): string => path.join(__dirname, 'fixtures', name);

export interface Outcome {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder in which commands are run, like in a shell. */
export class Workspace {
  private readonly directory = temporaryDirectory();
  readonly folder = this.directory.path;

  remove(): void {
    this.directory.remove();
  }

  write(file: string, text: string): void {
    writeFileSync(path.join(this.folder, file), text);
  }

  /** A file of lines. */
  lines(file: string, ...values: readonly unknown[]): void {
    this.write(file, values.map((value) => `${typeof value === 'string' ? value : JSON.stringify(value)}\n`).join(''));
  }

  read(file: string): string {
    return readFileSync(path.join(this.folder, file), 'utf8');
  }

  run(...args: readonly string[]): Outcome {
    return this.runAfter([], ...args);
  }

  /** Runs the command with these variables in its environment. */
  runIn(variables: Readonly<Record<string, string>>, ...args: readonly string[]): Outcome {
    return this.spawn(process.execPath, [main, ...args], variables);
  }

  /** Runs the command where no file can grow, with a file as stdout. */
  runOnFullDisk(...args: readonly string[]): Outcome {
    const limited = `trap '' XFSZ; ulimit -f 0; exec "$0" "$@" > out`;
    return this.spawn('sh', ['-c', limited, process.execPath, main, ...args]);
  }

  /** Runs the command with options of Node. */
  runAfter(options: readonly string[], ...args: readonly string[]): Outcome {
    return this.spawn(process.execPath, [...options, main, ...args]);
  }

  private spawn(command: string, args: readonly string[], variables: Readonly<Record<string, string>> = {}): Outcome {
    const { status, stdout, stderr, error } = spawnSync(command, args, {
      cwd: this.folder,
      env: { ...process.env, ...variables },
      encoding: 'utf8',
      timeout: 60_000,
      maxBuffer: 64 << 20,
    });
    if (error !== undefined) throw error;
    return { exitCode: status, stdout, stderr };
  }
}
