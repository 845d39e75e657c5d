import { compareKeys } from '../../expressions/key.js';
import type { FirstElement } from './input/runs.js';
import { SeveralCalls } from './several-calls.js';

/** Consecutive calls for a single stream. A key and a position order each call among the others. */
export abstract class CallSeries extends SeveralCalls {
  /** All calls that were made before a restart have been passed: calls added from now on are new. */
  protected isPast = false;

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

  /** Returns whether this call was made before a restart. */
  protected wasMade(key: any, position: number): boolean {
    const order = compareKeys(key, this.doneKey);
    return order < 0 || (order === 0 && position <= this.donePosition);
  }

  clear(): void {
    if (this.count === 0) return;
    [this.doneKey, this.donePosition] = this.lastDone;
    this.drop();
    this.reset();
  }
}
