import type { FirstElement } from './input/runs.js';
import { SeveralCalls } from './several-calls.js';

/** Consecutive calls for a single stream. A key and a position order each call among the others. */
export abstract class CallSeries extends SeveralCalls {
  constructor(
    /** The order key and the position of the last call made so far: calls up to it were made before a restart. */
    protected doneKey: any,
    protected donePosition: number,
    mostHeld?: number,
  ) {
    super(mostHeld);
  }

  /** The order key and the position of the last call that was made. */
  abstract get lastDone(): readonly [key: any, position: number];

  /**
   * The oldest element of the calls to be made and of the open windows, whose oldest is given. Only valid if there is a
   * call to be made.
   */
  abstract oldest(open: FirstElement | undefined): FirstElement;

  /** Drops the references to elements. */
  protected abstract drop(): void;

  clear(): void {
    if (this.count === 0) return;
    [this.doneKey, this.donePosition] = this.lastDone;
    this.drop();
    this.reset();
  }
}
