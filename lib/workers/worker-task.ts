import type { SentError } from './sent-error.js';

/** The message to a worker thread: the arguments of a call, or nothing to check that the module can be loaded. */
export interface WorkerTask {
  readonly module: string;
  readonly args: unknown;
}

/** The answer: the results in order, and whether the stream ends; or what the function threw. */
export type WorkerAnswer =
  | { readonly results: unknown; readonly ended: boolean; readonly thrown?: undefined }
  | { readonly thrown: SentError };

/** The answer of a function that threw nothing. */
export type WorkerResults = Exclude<WorkerAnswer, { readonly thrown: SentError }>;
