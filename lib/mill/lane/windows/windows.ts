import { compareKeys } from '../../../expressions/key.js';
import type { ValuesVector } from '../../resume/lane-vector.js';
import type { LaneFold } from '../lane-spec.js';
import type { Row } from '../rows/row.js';
import type { CalledWindow, WindowSlot } from './called-window.js';
import type { Run } from './run.js';
import type { ValueMarks } from './value-marks.js';

/** The arguments for making windows. */
export interface WindowsGiven {
  /** A call needs the groups of its elements. */
  readonly keepsRows: boolean;
  readonly slot: WindowSlot;
  /** Set if a call gets an accumulator instead of the elements. */
  readonly fold: LaneFold | undefined;
  /** Set if no closing key identifies the done windows. */
  readonly marks: ValueMarks | undefined;
}

/** The open windows over the surviving master elements. A called window is in the slot, which the next one reuses. */
export interface Windows {
  /**
   * Takes elements of a run up to a window that is due, because the next element closes it or the last one taken
   * completes it. Returns undefined if all were taken.
   */
  take(run: Run): CalledWindow | undefined;
  /** Returns the next open window that no element with a window key from this one on can change. */
  close(key: any): CalledWindow | undefined;
  /** Returns the next open window after the last element. */
  end(): CalledWindow | undefined;
  /**
   * Returns the next window that a clock closes. `key` is the result of the window's `onTimeout`, if any; for batches
   * by value, the number of the last opening to close.
   */
  timeout(key: unknown): CalledWindow | undefined;
  /** The number of elements or accumulators held. */
  held(): number;
  /** The number of elements in open windows that were in no called window, also if they are folded. */
  uncalled(): number;
  /** The number of elements that were read again after a restart, and were in all their windows before. Default: 0. */
  skipped?(): number;
  /** The first element that is still needed. */
  oldest(): OldestElement | undefined;
  /** Set if a clock needs the age of a window. */
  readonly ages?: WindowAges;
  /** The state of the windows in a commit, if they have marks. `isPending`: the last call was not made. */
  vector?(isPending: boolean): ValuesVector | undefined;
}

/** The order in which windows were opened. */
export interface WindowAges {
  /** The number of windows opened so far. */
  readonly openings: number;
  /** The number of the oldest open window, if a clock may close it. */
  readonly oldestOpening: number | undefined;
}

export interface OldestElement {
  readonly position: number;
  /** Its window key. */
  readonly key: any;
  /** The key by which its node is reordered under slack. Without slack it is the same for all. */
  readonly orderKey: any;
  /** Its row, if the lane has rows. */
  readonly row: Row | undefined;
}

/** Compares two elements in the order of their lane. */
export function isBefore(a: Pick<OldestElement, 'orderKey' | 'position'>, b: typeof a): boolean {
  const byKey = compareKeys(a.orderKey, b.orderKey);
  return byKey < 0 || (byKey === 0 && a.position < b.position);
}
