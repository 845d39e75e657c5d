import path from 'node:path';
import { thisCopy } from '../base/loaded-copies.js';
import { reasonOf, thrownSentence } from '../base/thrown.js';
import { WaterMillError } from '../base/watermill-error.js';
import { loadPiscina } from './piscina-package.js';
import { receivedError } from './sent-error.js';
import type { WorkerAnswer, WorkerResults, WorkerTask } from './worker-task.js';

/** The threads of one run, which call the default export of a module. */
export class WorkerPool {
  private readonly pool: InstanceType<ReturnType<typeof loadPiscina>>;
  private closed: Promise<void> | undefined;

  private constructor(
    private readonly module: string,
    threads: number,
  ) {
    const Piscina = loadPiscina();
    this.pool = new Piscina({ filename: mainOfThreads(), minThreads: 1, maxThreads: threads });
    // A thread that fails between calls is replaced; a failure in a call rejects the call.
    this.pool.on('error', () => {});
  }

  /** Starts a thread, and loads the module in it. */
  static async open(module: string, threads: number): Promise<WorkerPool> {
    const pool = new WorkerPool(module, threads);
    try {
      await pool.run(undefined);
      return pool;
    } catch (cause) {
      await pool.close();
      throw new WaterMillError(
        'WM_WORKER',
        `workerProcess: the module ${module} cannot be loaded in a worker thread: ${thrownSentence(cause)} ` +
          'Give the path or the URL of a JavaScript file that exists when the mill runs (compiled, under jest as well) and whose default export is the function.',
        { module },
        { cause },
      );
    }
  }

  /** `args`: encoded. Throws what the function threw, as an error with the same texts. */
  async call(args: unknown): Promise<WorkerResults> {
    try {
      return (await this.run(args)) as WorkerResults;
    } catch (cause) {
      const code = /^worker exited with code: (\d+)$/.exec(reasonOf(cause))?.[1];
      if (code === undefined) throw cause;
      throw new WaterMillError(
        'WM_WORKER',
        `workerProcess: a worker thread that ran ${this.module} ended with code ${code} in the middle of a call. The module must not call process.exit().`,
        { module: this.module },
        { cause },
      );
    }
  }

  /** Without arguments, the thread only loads the module. */
  private async run(args: unknown): Promise<WorkerResults | undefined> {
    const task: WorkerTask = { module: this.module, args };
    const answer = (await this.pool.run(task)) as WorkerAnswer | undefined;
    if (answer?.thrown !== undefined) throw receivedError(answer.thrown);
    return answer;
  }

  /** Ends all threads. */
  close(): Promise<void> {
    this.closed ??= this.pool.destroy();
    return this.closed;
  }
}

function mainOfThreads(): string {
  if (path.isAbsolute(thisCopy.path)) return path.join(thisCopy.path, 'dist/workers/worker-main.js');
  throw new WaterMillError(
    'WM_WORKER',
    'workerProcess: worker threads load a file of the package watermill, and this is a bundle. Mark watermill as external in the bundler.',
  );
}
