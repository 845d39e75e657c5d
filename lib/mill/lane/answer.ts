import type { KeyUnit } from '../../joins/matching/matching.js';
import type { KeyProblem } from './input/key-domain.js';
import type { KeySource } from './lane-spec.js';
import type { LaneNode } from './tree/lane-tree.js';
import type { Row } from './tree/row.js';

/** What a lane says when it is asked what is next. The same object comes again with the next answer of its kind. */
export type LaneAnswer =
  | CallAnswer
  | CallsAnswer
  | UnmatchedAnswer
  | LateAnswer
  | NeedAnswer
  | ViolationAnswer
  | DoneAnswer;

/** The process function is called with this master element, or with this window of them. */
export interface CallAnswer {
  readonly what: 'call';
  /** One master element; with a window all of it, in order. */
  readonly elements: readonly object[];
  /** The same with their groups; empty if no edge of the tree gives groups. */
  readonly rows: readonly Row[];
  /** The accumulator of a folded window, in place of its elements. */
  readonly folded: unknown;
  /** The lowest and the highest position of the elements. */
  readonly from: number;
  readonly to: number;
  /** The window's borders where it has any: its keys, or [start, end). */
  readonly start: unknown;
  readonly end: unknown;
  /** A silent node was not waited for: more might have come. */
  readonly forced: boolean;
}

/**
 * The process function is called with each of these master elements, or windows, one after the other. `done`
 * says to the lane how many of the calls were made: its vector goes by it.
 */
export interface CallsAnswer {
  readonly what: 'calls';
  /** The elements with their positions and groups, followed by rows that are not in use. */
  readonly rows: readonly CallsRow[];
  readonly count: number;
  done: number;
}

/** One of several calls: about an element with its groups, or, where the lane has windows and no joins, about a window. */
export type CallsRow = ElementRow | WindowRow;

export interface ElementRow {
  readonly element: object;
  readonly position: number;
  readonly groups: readonly (readonly object[])[];
}

export interface WindowRow {
  readonly elements: readonly object[];
  readonly folded: unknown;
  /** How many these were before the call, which may change its array. */
  readonly size: number;
  readonly from: number;
  readonly to: number;
  readonly start: unknown;
  readonly end: unknown;
}

/** A child element that is in no group of a surviving master element (only on edges with `unmatched`). */
export interface UnmatchedAnswer {
  readonly what: 'unmatched';
  /** The child node. */
  readonly node: number;
  readonly element: object;
  readonly position: number;
}

/** An element that broke the order of a node whose policy skips it. Given once, also over restarts. */
export interface LateAnswer {
  readonly what: 'late';
  readonly node: number;
  readonly element: object;
  readonly position: number;
}

/** Nothing can be said before more comes of one of these nodes; any of them may help, the first most likely. */
export interface NeedAnswer {
  readonly what: 'need';
  readonly nodes: readonly number[];
}

/** An element broke the order of a node whose policy is to fail. The lane is over; its vector is the one before it. */
export interface ViolationAnswer {
  readonly what: 'violation';
  readonly node: number;
  readonly position: number;
  readonly expression: KeySource;
  /** The highest key before, or undefined if the key itself is not valid. */
  readonly before: unknown;
  readonly key: unknown;
  readonly problem: KeyProblem;
  /** What cannot be computed from the key, as a clause; only if that is the problem. */
  readonly reason: string | undefined;
  /** The distance that is added to the key, if any. */
  readonly unit: KeyUnit | undefined;
}

export interface DoneAnswer {
  readonly what: 'done';
  /** The node whose end ended the lane: the master, or a child without which nothing can match; undefined: stopped. */
  readonly because: number | undefined;
}

/** A call answer while it is filled: one object serves all calls of a lane. */
export type MutableCallAnswer = { -readonly [K in keyof CallAnswer]: CallAnswer[K] };

const noRows: readonly Row[] = Object.freeze([]);

export function makeCallAnswer(): MutableCallAnswer {
  return {
    what: 'call',
    elements: [],
    rows: noRows,
    folded: undefined,
    from: -1,
    to: -1,
    start: undefined,
    end: undefined,
    forced: false,
  };
}

/** The element that a node's last pull found late. */
export function late(node: LaneNode): LateAnswer {
  return { what: 'late', node: node.index, element: node.lateElement as object, position: node.latePosition };
}

/** The element that a node's last pull found out of order, where the policy is to fail. */
export function violation(node: LaneNode): ViolationAnswer {
  const track = node.badTrack as NonNullable<LaneNode['badTrack']>;
  const before = track.problem === 'type' ? track.domain.sample : track.show(track.high);
  return {
    what: 'violation',
    node: node.index,
    position: node.latePosition,
    expression: track.source,
    before: before === Number.NEGATIVE_INFINITY ? undefined : before,
    key: track.given,
    problem: track.problem,
    reason: track.reason,
    unit: track.domain.unit,
  };
}
