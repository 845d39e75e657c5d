import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { isDeep } from '../support/cases.js';

/** The machine may be busy with many other processes. */
const hangsAfterMs = isDeep() ? 600_000 : 60_000;

/** The outcome of a process: killed, or ended with the number of master elements that it has read. */
export type Outcome = { readonly killed: true } | { readonly killed: false; readonly read: number };

/** A mill in a separate process. */
export class MillProcess {
  private readonly child: ChildProcess;
  private readonly ending: Promise<Outcome>;
  private hasEnded = false;

  /** Runs a program of this folder with these arguments. */
  constructor(program: string, told: object, nodeOptions: readonly string[] = []) {
    const words = [...nodeOptions, path.join(__dirname, program), JSON.stringify(told)];
    this.child = spawn(process.execPath, words, { timeout: hangsAfterMs });
    this.ending = this.watch();
    // The failure is reported to callers of `ended`; until then it is not unhandled.
    this.ending.catch(() => {});
  }

  /** Resolves when the process has ended; rejects with its output if it failed. */
  ended(): Promise<Outcome> {
    return this.ending;
  }

  /** Kills the process as soon as the condition holds, unless it ends before. */
  async killWhen(holds: () => boolean): Promise<Outcome> {
    while (!this.hasEnded && !holds()) await new Promise((resolve) => setImmediate(resolve));
    this.child.kill('SIGKILL');
    return this.ending;
  }

  private watch(): Promise<Outcome> {
    let printed = '';
    let complaint = '';
    this.child.stdout?.on('data', (text) => (printed += text));
    this.child.stderr?.on('data', (text) => (complaint += text));
    return new Promise((resolve, reject) => {
      this.child.on('error', reject);
      this.child.on('close', (code, signal) => {
        this.hasEnded = true;
        if (signal === 'SIGKILL') resolve({ killed: true });
        else if (code === 0) resolve({ killed: false, read: JSON.parse(printed).read });
        else reject(new Error(`the mill ended with ${signal ?? code}\n${complaint}`));
      });
    });
  }
}
