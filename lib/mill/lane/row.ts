import type { LaneNode } from './lane-node.js';

/** One element on its way through a lane. Made when it is pulled, gone when nothing can match it any more. */
export class Row {
  /** Whether it satisfies its own node's edges. */
  verdict: Verdict;
  /**
   * Once complete, one group per edge that gives groups: the elements where the child has no such edges itself, else
   * its rows. Undefined while it is not complete.
   */
  groups: readonly Group[] | undefined = undefined;
  /** What is still to be built of `groups`. */
  building: GroupsInWork | undefined = undefined;
  /** The positions of everything below this row's node, as they stood when the row was decided. */
  needs: readonly Need[] | undefined = undefined;
  /** Its own position and what goes with it; made when first asked for, except under slack. */
  own: Need | undefined = undefined;
  /** It was in a group. */
  matched = false;
  /** It can never match any more; it only waits to be taken out of the queue. */
  gone = false;
  /** The last surviving master row whose call contained this row (only below edges with `unmatched`). */
  usedBy: Row | undefined = undefined;
  /** Where a replay of this master row must begin, so that its windows fall the same. */
  base: Row | undefined = undefined;

  constructor(
    readonly element: object,
    readonly position: number,
    /** Counts the rows of a node. */
    readonly sequence: number,
    /** The key of its edge to the parent. */
    readonly right: any,
    /** The key of its first edge. */
    readonly left: any,
    /** The keys of all its edges, where it has more than one. */
    readonly lefts: readonly any[] | undefined,
    readonly windowKey: any,
    /** Under slack, the key by which the node is reordered. */
    readonly orderKey: any,
    verdict: Verdict,
  ) {
    this.verdict = verdict;
  }
}

export const UNKNOWN = 0;
export const YES = 1;
export const NO = 2;
export type Verdict = typeof UNKNOWN | typeof YES | typeof NO;

export type Group = readonly object[] | readonly Row[];

/** The groups of a row while they are collected, edge after edge. */
export interface GroupsInWork {
  readonly done: Group[];
  /** The edge in work, among those that give groups. */
  partial: object[] | undefined;
  /** The sequence number of the child row that is looked at next. */
  next: number;
}

/** Where one node must be read from, and what must be known of what lies before. */
export interface Need {
  readonly node: LaneNode;
  readonly from: number;
  /** The highest key before, per track. */
  readonly high: readonly any[];
  /** Under slack: the place up to which elements are done. */
  readonly after: Place | undefined;
}

/** A place in a node's order: by key and position under slack, else by position alone. */
export interface Place {
  readonly key: any;
  readonly position: number;
}
