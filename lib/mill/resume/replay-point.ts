import type { Place } from './place.js';

/** Where one node of a lane is read again from, and what must be known of what is before. */
export interface ReplayPoint {
  /** The node's place in the spec. */
  readonly node: number;
  readonly from: number;
  /** The highest key before, per track. */
  readonly high: readonly any[];
  /** Under slack: the place up to which elements are done. */
  readonly after: Place | undefined;
}
