import { compareKeys } from '../../../expressions/key.js';
import type { ValuesVector } from '../../resume/lane-vector.js';
import type { LaneFold } from '../lane-spec.js';
import type { Row } from '../tree/row.js';
import type { ValueMarks } from './by-value/value-marks.js';
import type { CalledWindow, WindowSlot } from './called-window.js';
import type { Run } from './run.js';

/** What windows are made with. */
export interface WindowsGiven {
  /** A call needs the groups of its elements. */
  readonly keepsRows: boolean;
  readonly slot: WindowSlot;
  /** Where a call gets an accumulator instead of the elements. */
  readonly fold: LaneFold | undefined;
  /** Where no closing key tells what is done. */
  readonly marks: ValueMarks | undefined;
}

/** The open windows over the surviving master elements. A called window is in the slot that they were made with, until that is used again. */
export interface Windows {
  /**
   * Takes elements of a run up to a window that is due: because the next element closes it, or the last one taken
   * completes it. Undefined if all were taken.
   */
  take(run: Run): CalledWindow | undefined;
  /** The next open window that no element with a window key from this one on can change. */
  close(key: any): CalledWindow | undefined;
  /** No more elements will come: the next open window. */
  end(): CalledWindow | undefined;
  /**
   * A clock closes open windows: the next one that it does. With the key that the window's `onTimeout` gave (or nothing); of
   * batches by value those that were opened up to this number.
   */
  timeout(key: unknown): CalledWindow | undefined;
  /** How many elements, or what they were folded into, it holds. */
  held(): number;
  /** How many of them were in no window that was called. */
  uncalled(): number;
  /** The first element that is still needed. */
  oldest(): OldestElement | undefined;
  /** Where a clock asks for the age of a window. */
  readonly ages?: WindowAges;
  /** Where windows have marks: what a commit holds of them; `isPending`: the last call was not made. */
  vector?(isPending: boolean): ValuesVector | undefined;
}

/** The order in which windows were opened. */
export interface WindowAges {
  /** How many there were. */
  readonly openings: number;
  /** Which of them is the oldest that is open, where a clock may close it. */
  readonly oldestOpening: number | undefined;
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

/** The order of two elements in their lane. */
export function isBefore(a: Pick<OldestElement, 'orderKey' | 'position'>, b: typeof a): boolean {
  const byKey = compareKeys(a.orderKey, b.orderKey);
  return byKey < 0 || (byKey === 0 && a.position < b.position);
}
