import type { Json } from '../../base/json.js';

/**
 * The state of a lane as JSON: a lane made from it makes exactly the calls that are not made yet. It holds no elements.
 * Its size depends only on the tree, except for `values` and `forced`.
 */
export interface LaneVector {
  /** One per node, in the order of the plan. */
  readonly nodes: readonly NodeVector[];
  /** The last call given, so that replayed elements are not given again. */
  readonly done: {
    /** The place of the master and, with unmatched methods, the edge and the place of the last child row given. */
    readonly cursor: readonly [master: PlaceJson, edge: number, child: PlaceJson];
    /** The window called last; without a window, the master element called last. */
    readonly window: PlaceJson;
    /** Used instead for windows by count and windows that a clock closes, if they are split by a value or folded. */
    readonly values?: ValuesVector;
    readonly closed?: ClosedByEnd;
  };
  /** The lane is over, and why. */
  readonly ended?: LaneEnd;
  /** No master element after the cursor can survive. So the master is read no further, also after a restart. */
  readonly over?: EarlyEnd;
}

/**
 * The node that ended the lane early, and the position after its last element: if it has more after a restart, the lane
 * is not over. Without a position, an element of the node decided.
 */
export type EarlyEnd = readonly [node: number, end?: number];

/**
 * Set if the lane had ended, and continued: the master element taken last before that, and the window called last.
 * Later elements are in no window up to that one.
 */
export interface ClosedByEnd {
  readonly taken: PlaceJson;
  readonly window: PlaceJson;
}

/** The vector of an ended lane for one that continues: its windows stay closed. */
export function continued({ ended: _, ...vector }: LaneVector): LaneVector {
  const { cursor, window, closed } = vector.done;
  // A lane that ended again without another call has closed nothing since.
  const isSame = closed !== undefined && JSON.stringify(closed.window) === JSON.stringify(window);
  return { ...vector, done: { ...vector.done, closed: isSame ? closed : { taken: cursor[0], window } } };
}

/** The state of windows by count and windows that a clock closes, if they are split by a value or folded. */
export interface ValuesVector {
  /** The last element taken. */
  readonly upTo: PlaceJson | number;
  /** For each value with an open window, the first element of its first open window. */
  readonly starts: readonly (readonly [value: Json, PlaceJson | number])[];
  /** For each value between two windows, the number of elements since the last window began. */
  readonly phases?: readonly (readonly [value: Json, number])[];
}

/**
 * Why a lane is over: its master ended, no master element can survive any more, or the process function or a timeout
 * ended it.
 */
export type LaneEnd = 'master' | 'noMatch' | 'process' | 'timeout';

export interface NodeVector {
  /** The position to read from. */
  readonly from: number;
  /** The highest key of each ordered expression before `from`. */
  readonly high: readonly Json[];
  /** Under slack: the place up to which elements are done. */
  readonly after?: PlaceJson;
  /** With a policy that skips late elements: the position up to which they were given. */
  readonly seen?: number;
  /** Under slack, if there are other keys: the place in the new order up to which elements late by them were given. */
  readonly seenPlace?: PlaceJson;
  /** For a node that was silent and not waited for: the keys up to which elements are late, each from a position on. */
  readonly forced?: readonly ForcedJson[];
}

export type ForcedJson = readonly [position: number, key: Json];

export type PlaceJson = readonly [key: Json, position: number];
