import type { ReplayPoint } from '../../resume/replay-point.js';

/**
 * One element in a lane, from the pull until nothing can match it any more. Rows of leaves and of a plain master are
 * reused: a join allocates nothing per element except for its result. Fields that few rows need are separate, in
 * `more`.
 */
export class Row {
  element: object;
  position: number;
  /** The number of the row among those of its node. */
  sequence: number;
  /** The key on the edge to the parent. */
  right: any;
  /** The key on the only edge to a child, or an array of the keys on all of them. */
  left: any;
  windowKey: any;
  /** The combined `on` values of the edge to the parent; undefined if there are none, or if one is null. */
  on: unknown = undefined;
  /** The combined `on` values of the only edge to a child, or an array of those of all of them. */
  ons: any = undefined;
  /** Whether the row satisfies the edges of its node. */
  verdict: Verdict;
  /**
   * One group per edge that has groups: of elements if the child has no such edges itself, otherwise of rows.
   * Undefined until all are complete.
   */
  groups: readonly Group[] | undefined = undefined;
  /** The row was in a group. */
  matched = false;
  /** The row cannot match any more, and waits to be removed from the queue. */
  gone = false;
  /** Under slack: the state of the node when the row was taken out of the reorder buffer. */
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

  /** Reinitializes the row for another element. */
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

  /** Like `more`, without creating it. */
  get moreIfAny(): RowExtras | undefined {
    return this.extras;
  }
}

export class RowExtras {
  /** The groups collected so far, while `groups` is incomplete. */
  building: GroupsInWork | undefined = undefined;
  /** The replay points of all nodes below the row's node, as of when the row was decided. */
  pointsBelow: readonly ReplayPoint[] | undefined = undefined;
  /** The replay point of the row itself. */
  replayPoint: ReplayPoint | undefined = undefined;
  /** The last surviving master row whose call contained this row; only below edges with `unmatched`. */
  usedBy: Row | undefined = undefined;
  /** The master row from which a replay of this one must start, so that it gets the same windows. */
  base: Row | undefined = undefined;
}

/**
 * Under slack: the key by which the node is reordered, and the position to read from so that the element comes again.
 */
export class Turn {
  constructor(
    readonly orderKey: any,
    readonly from: number,
    /** As in `ReplayPoint`. */
    readonly high: readonly any[],
  ) {}
}

/** The key by which the row's node is reordered under slack; the same for all rows without slack. */
export function orderKeyOf(row: Row | undefined): any {
  return row?.turn === undefined ? Number.NEGATIVE_INFINITY : row.turn.orderKey;
}

export const UNKNOWN = 0;
export const YES = 1;
export const NO = 2;
export type Verdict = typeof UNKNOWN | typeof YES | typeof NO;

export type Group = readonly object[] | readonly Row[];

/** The groups of a row while they are collected, edge by edge. */
export interface GroupsInWork {
  readonly done: Group[];
  /** The current group up to the interruption. */
  partial: object[] | undefined;
  /** The sequence number of the child row at the interruption. */
  next: number;
}

/** The groups of a row collected so far. */
export function buildingOf(row: Row): GroupsInWork {
  const { more } = row;
  more.building ??= { done: [], partial: undefined, next: 0 };
  return more.building;
}
