/** The message to a worker thread: the arguments of a call, or nothing to check that the module can be loaded. */
export interface WorkerTask {
  readonly module: string;
  readonly args: unknown;
}

/** The answer: the results in order, and whether the stream ends. */
export interface WorkerAnswer {
  readonly results: unknown;
  readonly ended: boolean;
}
