import type { DataKey } from '../../plan/data-key.js';

/** The taken form of a result, for an output. */
export type Emission = readonly [output: number, taken: unknown];

/** How to settle a call that failed or ended the stream, when its turn comes. */
export interface Outcome {
  /** Whether the process ended the stream; throws if the run fails. */
  readonly settle: () => boolean;
  /** No call after it counts. */
  readonly isLast: boolean;
}

const nothing: { readonly node: number; readonly position: number } = Object.freeze({ node: 0, position: 0 });

/** A call whose results wait for those of the calls before it, and its own, if they are not complete. It takes what its function emits. */
export class WaitingCall {
  /** What the function gave. */
  readonly given: Emission[] = [];
  /** The results saved for its key. */
  readonly saved: Emission[] = [];
  key: DataKey | undefined;
  /** Its promise is pending. */
  isPending = false;
  /** The element that it is about: a node, and the first position. */
  about = nothing;
  outcome: Outcome | undefined;

  constructor(private readonly taken: (output: number, element: object) => unknown) {}

  readonly emit = (output: number, element: object): void => {
    this.given.push([output, this.taken(output, element)]);
  };

  /** It is not known yet what it returns. */
  get isOpen(): boolean {
    return this.isPending || this.key !== undefined;
  }
}
