import type { DataKey } from '../../plan/data-key.js';

/** A result for an output, in the form that the writer keeps. */
export type Emission = readonly [output: number, taken: unknown];

/** The outcome of a call that failed or ended the stream, applied when all calls before it are done. */
export interface Outcome {
  /** Applies the outcome: returns whether the process ended the stream, or throws if the run fails. */
  readonly settle: () => boolean;
  /** No later call counts. */
  readonly isLast: boolean;
}

const nothing: { readonly node: number; readonly position: number } = Object.freeze({ node: 0, position: 0 });

/**
 * A call whose results wait until they, and those of the calls before it, are complete. It collects the elements that
 * its function emits.
 */
export class WaitingCall {
  /** The results that the function returned or emitted. */
  readonly given: Emission[] = [];
  /** The results saved for its key. */
  readonly saved: Emission[] = [];
  key: DataKey | undefined;
  /** Its promise is pending. */
  isPending = false;
  /** The subject of the call: a node and the first position. */
  about = nothing;
  outcome: Outcome | undefined;

  constructor(private readonly taken: (output: number, element: object) => unknown) {}

  readonly emit = (output: number, element: object): void => {
    this.given.push([output, this.taken(output, element)]);
  };

  /** The results are not complete yet. */
  get isOpen(): boolean {
    return this.isPending || this.key !== undefined;
  }
}
