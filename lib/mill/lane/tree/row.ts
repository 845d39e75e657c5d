import type { ReplayPoint } from '../../resume/replay-point.js';

/**
 * One element on its way through a lane. Taken when it is pulled, gone when nothing can match it any longer. Rows of leaves
 * and of a plain master are used again: a join allocates nothing per element but what its result needs. What few rows
 * need is separate, in `more`.
 */
export class Row {
  element: object;
  position: number;
  /** Counts the rows of a node. */
  sequence: number;
  /** The key of its edge to the parent. */
  right: any;
  /** The key of its one edge; an array of the keys of all its edges where it has more. */
  left: any;
  windowKey: any;
  /** The `on` values of its edge to the parent, as one; undefined: there are none, or a null is among them. */
  on: unknown = undefined;
  /** Those of its one edge; an array of those of all its edges where it has more. */
  ons: any = undefined;
  /** Whether it satisfies its own node's edges. */
  verdict: Verdict;
  /**
   * Once complete, one group per edge that gives groups: the elements where the child has no such edges itself, else
   * its rows. Undefined while it is not complete.
   */
  groups: readonly Group[] | undefined = undefined;
  /** It was in a group. */
  matched = false;
  /** It can never match any longer; it only waits to be taken out of the queue. */
  gone = false;
  /** Under slack: where it stood when its turn came. */
  turn: Turn | undefined = undefined;
  private extras: RowExtras | undefined = undefined;

  constructor(
    element: object,
    position: number,
    sequence: number,
    right: any,
    left: any,
    windowKey: any,
    verdict: Verdict,
  ) {
    this.element = element;
    this.position = position;
    this.sequence = sequence;
    this.right = right;
    this.left = left;
    this.windowKey = windowKey;
    this.verdict = verdict;
  }

  /** Makes it a new row. */
  reuse(element: object, position: number, sequence: number, right: any, left: any, verdict: Verdict): void {
    this.element = element;
    this.position = position;
    this.sequence = sequence;
    this.right = right;
    this.left = left;
    this.verdict = verdict;
    this.groups = undefined;
    this.matched = false;
    this.gone = false;
    this.turn = undefined;
    this.extras = undefined;
  }

  get more(): RowExtras {
    this.extras ??= new RowExtras();
    return this.extras;
  }

  /** As `more`, without making it. */
  get moreIfAny(): RowExtras | undefined {
    return this.extras;
  }
}

export class RowExtras {
  /** The part of `groups` that is still to be built. */
  building: GroupsInWork | undefined = undefined;
  /** The replay points of everything below this row's node, as they stood when the row was decided. */
  pointsBelow: readonly ReplayPoint[] | undefined = undefined;
  /** Its own. */
  replayPoint: ReplayPoint | undefined = undefined;
  /** The last surviving master row whose call contained this row (only below edges with `unmatched`). */
  usedBy: Row | undefined = undefined;
  /** Where a replay of this master row must begin, so that its windows fall the same. */
  base: Row | undefined = undefined;
}

/** Under slack: the key by which an element's node is reordered, and where to read so that it comes again. */
export class Turn {
  constructor(
    readonly orderKey: any,
    readonly from: number,
    /** As in `ReplayPoint`. */
    readonly high: readonly any[],
  ) {}
}

/** The key by which an element's node is reordered, under slack; without it all have the same. */
export function orderKeyOf(row: Row | undefined): any {
  return row?.turn === undefined ? Number.NEGATIVE_INFINITY : row.turn.orderKey;
}

export const UNKNOWN = 0;
export const YES = 1;
export const NO = 2;
export type Verdict = typeof UNKNOWN | typeof YES | typeof NO;

export type Group = readonly object[] | readonly Row[];

/** The groups of a row while they are collected, edge after edge. */
export interface GroupsInWork {
  readonly done: Group[];
  /** The current group up to where it was interrupted. */
  partial: object[] | undefined;
  /** The sequence number of the child row at which it was interrupted. */
  next: number;
}

/** The groups of a row as far as they are built. */
export function buildingOf(row: Row): GroupsInWork {
  const { more } = row;
  more.building ??= { done: [], partial: undefined, next: 0 };
  return more.building;
}
