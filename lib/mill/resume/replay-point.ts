import type { Place } from './place.js';

/** The point to read one node of a lane again from, with the state of its keys there. */
export interface ReplayPoint {
  /** The index of the node in the spec. */
  readonly node: number;
  readonly from: number;
  /** The highest key before the point, per track. */
  readonly high: readonly any[];
  /** Under slack: the place up to which elements are done. */
  readonly after: Place | undefined;
}
