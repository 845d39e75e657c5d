import type { MutableCallAnswer } from '../answer.js';
import type { KeyTrack } from '../keys/key-track.js';
import type { Row } from '../rows/row.js';

/** The contents of a slot without a called window. */
export const none: readonly never[] = Object.freeze([]);

/**
 * A called window, which is also the answer of the lane. One object serves many windows of a lane, but its arrays
 * belong to the call.
 */
export interface CalledWindow extends MutableCallAnswer {
  /** The number of elements: the call may change its array. */
  size: number;
  /** The position of the first element, its window key, and the key by which its node is reordered under slack. */
  first: number;
  firstKey: any;
  firstOrderKey: any;
  /** The number of elements that were in no earlier called window. */
  fresh: number;
  /** The identity of this window among those before and after it: its first or last element, or its start. */
  idKey: any;
  idPosition: number;
  /** The row of the first element, if the lane has rows. */
  row: Row | undefined;
}

/** The place for a called window. */
export interface WindowSlot {
  readonly called: CalledWindow;
}

/**
 * Written as one literal: V8 would store the fields of a spread object separately, and these are written by every
 * window.
 */
export function makeCalledWindow(): CalledWindow {
  return {
    what: 'call',
    elements: none,
    rows: none as readonly Row[],
    folded: undefined,
    from: -1,
    to: -1,
    start: undefined,
    end: undefined,
    forced: false,
    size: 0,
    first: -1,
    firstKey: undefined,
    firstOrderKey: undefined,
    fresh: 0,
    idKey: undefined,
    idPosition: -1,
    row: undefined,
  };
}

/** Converts the borders to the user's type of keys, if the window has a key. */
export function showBorders(window: CalledWindow, track: KeyTrack | undefined): void {
  if (track === undefined || typeof track.domain.sample !== 'object') return;
  window.start = track.show(window.start);
  window.end = track.show(window.end);
}
