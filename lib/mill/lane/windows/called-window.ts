import type { MutableCallAnswer } from '../answer.js';
import type { KeyTrack } from '../input/key-track.js';
import type { Row } from '../tree/row.js';

/** What a window holds that is not called. */
export const none: readonly never[] = Object.freeze([]);

/** A window that is called, and the answer that says so. One object serves many windows of a lane; its arrays are the call's own. */
export interface CalledWindow extends MutableCallAnswer {
  /** How many elements it has: the call may change its array. */
  size: number;
  /** The position of the first element, its window key, and the key by which its node is reordered under slack. */
  first: number;
  firstKey: any;
  firstOrderKey: any;
  /** How many of its elements were in no window that was called before. */
  fresh: number;
  /** Tells this window from those before and after it: by its first or last element, or by its start. */
  idKey: any;
  idPosition: number;
  /** The row of the first element, where the lane has rows. */
  row: Row | undefined;
}

/** Where a window that is called is written. */
export interface WindowSlot {
  readonly called: CalledWindow;
}

/** As one literal: of an object that is spread into another V8 keeps the fields apart, and these are what every window writes. */
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

/** The borders become keys as the user knows them, where the window has an ordered key. */
export function showBorders(window: CalledWindow, track: KeyTrack | undefined): void {
  if (track === undefined || !track.domain.isDate) return;
  window.start = track.show(window.start);
  window.end = track.show(window.end);
}
