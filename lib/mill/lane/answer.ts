import type { KeyUnit } from '../../joins/matching/matching.js';
import type { NodeInput } from './input/node-input.js';
import type { KeyProblem } from './keys/key-domain.js';
import type { KeySource } from './lane-spec.js';
import type { Row } from './rows/row.js';

/** The answer of a lane to `next()`. One object per kind of answer is reused: it holds until the next answer. */
export type LaneAnswer =
  | CallAnswer
  | CallsAnswer
  | UnmatchedAnswer
  | LateAnswer
  | NeedAnswer
  | ViolationAnswer
  | DoneAnswer;

/** A call of the process function for one master element, or for one window of master elements. */
export interface CallAnswer {
  readonly what: 'call';
  /** One master element; with a window, all elements of the window, in order. */
  readonly elements: readonly object[];
  /** The same elements with their groups; empty if no edge of the tree has groups. */
  readonly rows: readonly Row[];
  /** The accumulator of a folded window, in place of its elements. */
  readonly folded: unknown;
  /** The lowest and the highest position of the elements. */
  readonly from: number;
  readonly to: number;
  /** The borders of the window, if it has any: its keys, or [start, end). */
  readonly start: unknown;
  readonly end: unknown;
  /** A silent node was not waited for: it might have had more. */
  readonly forced: boolean;
}

/**
 * Several calls of the process function in a row: for elements with their groups or, if the lane has windows and no
 * joins, for windows.
 */
export type CallsAnswer = ElementCalls | WindowCalls;

/** The driver sets `done` to the number of calls made: the lane's vector depends on it. */
interface SuccessiveCalls {
  readonly what: 'calls';
  readonly count: number;
  done: number;
}

/** The arrays may be longer than the number of calls. */
export interface ElementCalls extends SuccessiveCalls {
  /** The first call is for the element at index `start`. The array may be the batch itself. */
  readonly elements: readonly object[];
  readonly start: number;
  /** By edge that has groups, then by call. */
  readonly groups: readonly (readonly (readonly object[])[])[];
  positionOf(call: number): number;
}

export interface WindowCalls extends SuccessiveCalls {
  readonly windows: readonly CallableWindow[];
}

export interface CallableWindow {
  readonly elements: readonly object[];
  readonly folded: unknown;
  /** The number of elements before the call, which may change the array. */
  readonly size: number;
  readonly from: number;
  readonly to: number;
  readonly start: unknown;
  readonly end: unknown;
}

/** The lowest and the highest position of the elements of one of several calls. */
export function placeOf(answer: CallsAnswer, call: number): { readonly from: number; readonly to: number } {
  if ('windows' in answer) return answer.windows[call] as CallableWindow;
  const position = answer.positionOf(call);
  return { from: position, to: position };
}

/** A child element that is in no group of a surviving master element. Only on edges with `unmatched`. */
export interface UnmatchedAnswer {
  readonly what: 'unmatched';
  /** The child node. */
  readonly node: number;
  readonly element: object;
  readonly position: number;
}

/** An element that broke the order of a node whose policy is to skip. Given once, also across restarts. */
export interface LateAnswer {
  readonly what: 'late';
  readonly node: number;
  readonly element: object;
  readonly position: number;
}

/** The lane needs more of one of these nodes. Any of them may help; the first is the most likely to. */
export interface NeedAnswer {
  readonly what: 'need';
  readonly nodes: readonly number[];
}

/**
 * An element broke the order of a node whose policy is to fail. The lane is over; its vector is the one before the
 * element.
 */
export interface ViolationAnswer {
  readonly what: 'violation';
  readonly node: number;
  readonly position: number;
  readonly expression: KeySource;
  /** The highest key so far, or undefined if the key itself is not valid. */
  readonly before: unknown;
  readonly key: unknown;
  readonly problem: KeyProblem;
  /** Why the computation with the key is impossible, as a clause; only if `problem` is `distance`. */
  readonly reason: string | undefined;
  /** The distance that is added to the key, if any. */
  readonly unit: KeyUnit | undefined;
}

export interface DoneAnswer {
  readonly what: 'done';
  /**
   * The node whose end ended the lane: the master, or a child without which nothing can match. Undefined if the lane
   * was stopped.
   */
  readonly because: number | undefined;
}

/** A call answer that can be filled: one object serves all calls of a lane. */
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

/** The answer for the element that the node's last pull found late. */
export function late(node: NodeInput): LateAnswer {
  return { what: 'late', node: node.index, element: node.lateElement as object, position: node.latePosition };
}

/** The answer for the element that the node's last pull found out of order, if the policy is to fail. */
export function violation(node: NodeInput): ViolationAnswer {
  const track = node.badTrack as NonNullable<NodeInput['badTrack']>;
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
