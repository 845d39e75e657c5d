import path from 'node:path';
import type { Worker } from 'node:worker_threads';
import { thisCopy } from '../base/loaded-copies.js';
import { memberOrNothing } from '../base/shown-value.js';
import { reasonOf, thrownSentence } from '../base/thrown.js';
import { isWaterMillError, WaterMillError } from '../base/watermill-error.js';
import { asMisuse } from '../mill/process/no-result.js';
import { loadPiscina } from './piscina-package.js';
import { receivedError, receivedMisuse } from './sent-error.js';
import type { WorkerAnswer, WorkerCall, WorkerResults, WorkerTask } from './worker-task.js';

/** The threads of one run, which call the default export of a module. */
export class WorkerPool {
  private readonly pool: InstanceType<ReturnType<typeof loadPiscina>>;
  /** The threads that have not ended, also those that the pool has forgotten. */
  private readonly alive = new Set<Worker>();
  private closed: Promise<void> | undefined;
  private hasWarned = false;

  private constructor(
    private readonly module: string,
    threads: number,
  ) {
    const Piscina = loadPiscina();
    // With atomics, a thread is blocked between its calls: its timers and connections would stand still, and errors that
    // the module does not handle would be noticed late or never.
    this.pool = new Piscina({ filename: mainOfThreads(), minThreads: 1, maxThreads: threads, atomics: 'disabled' });
    // A thread that fails between calls is replaced; a failure in a call rejects the call.
    this.pool.on('error', (error) => this.warnOf(error));
    this.pool.on('workerCreate', () => this.watchThreads());
  }

  /** Starts a thread, and loads the module in it. */
  static async open(module: string, threads: number): Promise<WorkerPool> {
    const pool = new WorkerPool(module, threads);
    try {
      await pool.run(undefined);
      return pool;
    } catch (cause) {
      await pool.close();
      throw isWaterMillError(cause) ? cause : cannotLoad(module, cause);
    }
  }

  /**
   * Throws what the function threw, as an error with the same texts, and `WM_RESULT` if what it returned is not a
   * result.
   */
  async call(call: WorkerCall): Promise<WorkerResults> {
    let results: WorkerResults | undefined;
    try {
      results = await this.run(call);
    } catch (cause) {
      const how = howItEnded(cause);
      throw how === undefined ? cause : this.ended(how, cause);
    }
    // The pool passes on what the thread did not handle as an error, which null and undefined are not.
    if (!results) throw this.ended(threwNothing, undefined);
    return results;
  }

  private ended(how: string, cause: unknown): WaterMillError {
    const { module } = this;
    const sentence = `workerProcess: a worker thread that ran ${module} ${how}`;
    return new WaterMillError('WM_WORKER', sentence, { module }, { cause });
  }

  /** Where errors are not handled, Node ends the process; here only a thread ends, which would not be noticed. */
  private warnOf(error: unknown): void {
    // The answer of a call that has been rejected, since its thread ended.
    if (this.hasWarned || /^Unexpected message from Worker/.test(reasonOf(error))) return;
    this.hasWarned = true;
    process.emitWarning(
      `workerProcess: an error of ${this.module} was not handled between its calls: ${thrownSentence(error)} ` +
        'The thread is replaced. Await every promise in the module, and catch what its callbacks throw. Later errors of this run are not shown.',
      'WaterMillWarning',
    );
  }

  /** Without a call, the thread only loads the module. */
  private async run(call: WorkerCall | undefined): Promise<WorkerResults | undefined> {
    const task: WorkerTask = { module: this.module, ...(call !== undefined && { call }) };
    const answer = (await this.pool.run(task)) as WorkerAnswer | undefined;
    if (answer?.thrown === undefined) return answer;
    // Every call of that thread would fail, whatever its element: `onError` does not apply.
    if (answer.by === 'module') throw asMisuse(cannotLoad(this.module, receivedError(answer.thrown)));
    if (answer.by === 'misuse') throw receivedMisuse(answer.thrown, call?.process.name ?? this.module);
    throw receivedError(answer.thrown);
  }

  /** Ends all threads, and waits until they have ended. */
  close(): Promise<void> {
    this.closed ??= this.endThreads();
    return this.closed;
  }

  private watchThreads(): void {
    for (const thread of this.pool.threads) {
      if (this.alive.has(thread)) continue;
      this.alive.add(thread);
      thread.once('exit', () => this.alive.delete(thread));
    }
  }

  private async endThreads(): Promise<void> {
    // The pool forgets threads that it has replaced, or ended as idle. When one of them ends, it starts another one, also
    // after `destroy()`.
    const { threads } = this.pool;
    const forgotten = [...this.alive].filter((thread) => !threads.includes(thread));
    await Promise.all(forgotten.map((thread) => thread.terminate()));
    await this.pool.destroy();
  }
}

function cannotLoad(module: string, cause: unknown): WaterMillError {
  return new WaterMillError(
    'WM_WORKER',
    `workerProcess: the module ${module} cannot be loaded in a worker thread: ${thrownSentence(cause)} ` +
      'Give the path or the URL of a JavaScript file that exists when the mill runs (compiled, under jest as well) and whose default export is the function.',
    { module },
    { cause },
  );
}

/** Why a thread ended in the middle of a call, with what to do; undefined if it did not. */
function howItEnded(cause: unknown): string | undefined {
  const code = /^worker exited with code: (-?\d+)$/.exec(reasonOf(cause))?.[1];
  if (code !== undefined) {
    return `ended with code ${code} in the middle of a call. The module must not call process.exit().`;
  }
  if (memberOrNothing(cause, 'code') !== 'ERR_WORKER_OUT_OF_MEMORY') return undefined;
  return 'ran out of memory in the middle of a call, and was replaced. Let the module keep less, or give Node more: --max-old-space-size.';
}

const threwNothing =
  'threw null or undefined in the middle of a call, outside of it. Await every promise in the module, and catch what its callbacks throw.';

function mainOfThreads(): string {
  if (path.isAbsolute(thisCopy.path)) return path.join(thisCopy.path, 'dist/workers/worker-main.js');
  throw new WaterMillError(
    'WM_WORKER',
    'workerProcess: worker threads load a file of the package watermill, and this is a bundle. Mark watermill as external in the bundler.',
  );
}
