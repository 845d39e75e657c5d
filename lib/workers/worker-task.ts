import type { SentError } from './sent-error.js';

/** The message to a worker thread: a call, or nothing to check that the module can be loaded. */
export interface WorkerTask {
  readonly module: string;
  readonly call?: WorkerCall;
}

export interface WorkerCall {
  /** Encoded. */
  readonly args: unknown;
  readonly process: SentProcess;
}

/** What a thread must know of the process to take its results: classes by their names, since the thread has its own. */
export interface SentProcess {
  readonly name: string;
  /** By output. */
  readonly emits: readonly { readonly name: string; readonly className: string }[];
  readonly reads: readonly string[];
}

/**
 * The answer: the results in order, and whether the stream ends; or what the function threw, why what it returned is not
 * a result, or why the thread cannot load the module.
 */
export type WorkerAnswer =
  | (WorkerResults & { readonly thrown?: undefined })
  | { readonly thrown: SentError; readonly by: 'call' | 'misuse' | 'module' };

/** The answer of a function that threw nothing. */
export interface WorkerResults {
  /** Each encoded: the output of a result, and its fields. */
  readonly results: readonly unknown[];
  readonly ended: boolean;
}

/** The code that declares results of a `workerProcess`, for errors of both sides. */
export function emitsOfWorker(names: string): string {
  return `workerProcess(source, { emits: [${names}] })`;
}
