/** The destination of a lane's results: those of a call, and late elements and dead letters between calls. */
export interface CallResults {
  /** Emits one element to an output, by its index in the plan's outputs. */
  readonly emit: (output: number, element: object) => void;
  callBegins(): void;
  /** Drops the results of the call in progress. Elements emitted afterwards in their place are kept. */
  callFailed(): void;
}
