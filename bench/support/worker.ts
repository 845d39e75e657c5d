import { type ChildProcess, fork } from 'node:child_process';
import path from 'node:path';
import type { Outcome } from './bench.js';
import { timed } from './timed.js';

/** A program of this folder in a separate process, for variants that need several. It starts on request. */
export class Worker {
  private constructor(
    private readonly program: string,
    private readonly child: ChildProcess,
  ) {}

  /** Resolves once the program is loaded. */
  static async start(program: string, ...args: string[]): Promise<Worker> {
    const file = path.join(__dirname, `${program}.js`);
    const worker = new Worker(program, fork(file, args, { execArgv: ['--expose-gc'] }));
    await worker.answer();
    return worker;
  }

  /** Does its work. Returns the costs, without a digest. */
  async run(): Promise<Outcome> {
    const outcome = this.answer();
    this.child.send('go');
    return (await outcome) as Outcome;
  }

  private answer(): Promise<unknown> {
    const { child, program } = this;
    return new Promise((resolve, reject) => {
      const onExit = (code: number | null, signal: string | null): void =>
        reject(new Error(`${program} ended with ${code ?? signal} before it answered.`));
      child.once('exit', onExit);
      child.once('error', reject);
      child.once('message', (message) => {
        child.off('exit', onExit);
        child.off('error', reject);
        resolve(message);
      });
    });
  }
}

/** In the process of a worker: does the work on request, and reports the costs. */
export function serveWorker(work: (args: string[]) => Promise<void>): void {
  process.once('message', () => {
    const outcome = timed(
      () => work(process.argv.slice(2)),
      () => '',
    );
    outcome.then(
      (message) => process.send?.(message, () => process.disconnect()),
      (error) => {
        console.error(error);
        process.exit(1);
      },
    );
  });
  process.send?.('ready');
}
