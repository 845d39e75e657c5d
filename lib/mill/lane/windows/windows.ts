import type { Row } from '../row.js';
import type { WindowContent } from './window-content.js';

/** The open windows over the surviving master elements. */
export interface Windows {
  /**
   * A surviving element, in order, with its window key, its key of order under slack, and its row where the lane has
   * rows; it may complete a window at once.
   */
  add(element: object, position: number, key: any, orderKey: any, row: Row | undefined): WindowContent | undefined;
  /**
   * The next open window that no element with a window key from `floor` on can change: undefined where there is none,
   * or where `floor` is `undefined` (nothing is known). `Infinity`: no more elements will come.
   */
  close(floor: any): WindowContent | undefined;
  /** A poll timeout, with the key that the window's `onTimeout` gave (or nothing). */
  timeout(key: unknown): WindowContent | undefined;
  /** The first element that is still needed. */
  oldest(): OldestElement | undefined;
  /** Elements held in open windows. */
  readonly size: number;
}

export interface OldestElement {
  readonly position: number;
  /** Its window key. */
  readonly key: any;
  readonly row: Row | undefined;
}
