import type { Json } from '../../base/json.js';

/**
 * What a lane must remember, as JSON: a lane made with it gives exactly the calls that are not given yet. It holds no
 * elements, and is of the size of the tree.
 */
export interface LaneVector {
  /** One per node, by the plan's order. */
  readonly nodes: readonly NodeVector[];
  /** The last place that was given, so that what comes again is not given again. */
  readonly done: {
    /** The master's place, and with unmatched methods the edge and the place of the child given last. */
    readonly cursor: readonly [master: PlaceJson, edge: number, child: PlaceJson];
    /** The window called last; without a window, the master element called last. */
    readonly window: PlaceJson;
    /** Instead of that, of windows by count and those that a clock closes, where they are split by a value or folded. */
    readonly values?: ValuesVector;
  };
  /** The lane is over, and why. */
  readonly ended?: LaneEnd;
}

/** The state of windows that differ by their value: a number for each with an open window. */
export interface ValuesVector {
  /** The last element taken. */
  readonly upTo: PlaceJson | number;
  /** Per value with an open window, the element with which its first one begins. */
  readonly starts: readonly (readonly [value: Json, PlaceJson | number])[];
  /** Per value between two windows, how many elements came since the last one began. */
  readonly phases?: readonly (readonly [value: Json, number])[];
}

/**
 * Why a lane is over: its master ended; no master element can survive any longer; the process function or a timeout ended
 * it.
 */
export type LaneEnd = 'master' | 'noMatch' | 'process' | 'timeout';

export interface NodeVector {
  /** The position to read from. */
  readonly from: number;
  /** The highest key of each ordered expression before `from`. */
  readonly high: readonly Json[];
  /** Under slack: up to which place elements are done. */
  readonly after?: PlaceJson;
  /** With a policy that skips late elements: up to which position they were given. */
  readonly seen?: number;
  /** Under slack, where there are other keys: up to which place of the new order those late by them were given. */
  readonly seenPlace?: PlaceJson;
  /** Where the node was silent and was not waited for: from which position on, up to which key. */
  readonly forced?: readonly ForcedJson[];
}

export type ForcedJson = readonly [position: number, key: Json];

export type PlaceJson = readonly [key: Json, position: number];
