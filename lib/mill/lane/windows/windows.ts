import type { Row } from '../row.js';
import type { CalledWindow } from './called-window.js';
import type { Run } from './run.js';

/**
 * The open windows over the surviving master elements. What is called holds until the next call is asked for. Before an
 * element is taken, `close` is asked with its key until there is nothing to close.
 */
export interface Windows {
  /**
   * Takes elements of a run: one or more, until it is over, until the next one may close a window, or until the last one
   * taken completes a window, which is given.
   */
  take(run: Run): CalledWindow | undefined;
  /** The next open window that no element with a window key from this one on can change. */
  close(key: any): CalledWindow | undefined;
  /** No more elements will come: the next open window. */
  end(): CalledWindow | undefined;
  /** A poll timeout, with the key that the window's `onTimeout` gave (or nothing). */
  timeout(key: unknown): CalledWindow | undefined;
  /** The first element that is still needed. */
  oldest(): OldestElement | undefined;
}

export interface OldestElement {
  readonly position: number;
  /** Its window key. */
  readonly key: any;
  /** Its row, where the lane has rows. */
  readonly row: Row | undefined;
}
