/** Where the results of a lane go: those of a call, and late elements and dead letters between calls. */
export interface CallResults {
  /** One element for an output, by its index in the plan's outputs. */
  readonly emit: (output: number, element: object) => void;
  callBegins(): void;
  /** Takes back what the call in progress gave. What is emitted after that, in its place, stays. */
  callFailed(): void;
}
