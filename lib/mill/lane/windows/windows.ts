import type { Row } from '../tree/row.js';
import type { CalledWindow } from './called-window.js';
import type { Run } from './run.js';

/** The open windows over the surviving master elements. What is called stands in the slot that they were made with, until that is used again. */
export interface Windows {
  /**
   * Takes elements of a run up to a window that is to be called: because the next element closes it, or the last one taken
   * completes it. Undefined where all were taken.
   */
  take(run: Run): CalledWindow | undefined;
  /** The next open window that no element with a window key from this one on can change. */
  close(key: any): CalledWindow | undefined;
  /** No more elements will come: the next open window. */
  end(): CalledWindow | undefined;
  /** A poll timeout, with the key that the window's `onTimeout` gave (or nothing). */
  timeout(key: unknown): CalledWindow | undefined;
  /** How many elements it holds. */
  held(): number;
  /** How many of them were in no window that was called. */
  uncalled(): number;
  /** The first element that is still needed. */
  oldest(): OldestElement | undefined;
}

export interface OldestElement {
  readonly position: number;
  /** Its window key. */
  readonly key: any;
  /** The key by which its node is reordered under slack; without it all have the same. */
  readonly orderKey: any;
  /** Its row, where the lane has rows. */
  readonly row: Row | undefined;
}
