import type { KeyReader } from '../../expressions/key-code.js';
import type { JoinKind } from '../../joins/join-kind.js';
import type { Matching } from '../../joins/matching/matching.js';
import type { WindowDescription } from '../../joins/windows/window.js';
import type { Row } from './rows/row.js';

/** The input of a lane: the plan's tree without classes, brokers and parameters. Node 0 is the master. */
export interface LaneSpec {
  readonly nodes: readonly NodeSpec[];
  readonly window: WindowDescription | undefined;
  /** How the elements of a window are folded, if they are. */
  readonly fold?: LaneFold | undefined;
}

/** Folds elements into accumulators. */
export interface LaneFold {
  /** Returns a new accumulator for a window with this value of `by`, opened by the element at this position. */
  initial(value: unknown, position: number): unknown;
  /** Returns the accumulator with one more element added. `row` has the groups, if the tree has any. */
  add(accumulator: unknown, element: object, row: Row | undefined, position: number): unknown;
  /** Returns a copy of the element, for each further accumulator that it goes into. */
  copy(element: object): object;
}

export interface NodeSpec {
  readonly name: string;
  readonly edges: readonly EdgeSpec[];
  readonly order: OrderPolicy;
  /**
   * The lane may be asked to stop waiting for this node while it is silent. The order policy of the node is then to
   * skip.
   */
  readonly mayBeIgnored?: boolean;
}

export interface EdgeSpec {
  /** The child's index in the spec's nodes. */
  readonly child: number;
  readonly kind: JoinKind;
  readonly matching: Matching;
  readonly left: KeySource;
  readonly right: KeySource;
  /** Equalities that need no order. */
  readonly on: readonly (readonly [left: KeySource, right: KeySource])[];
  /** Child elements that are in no group get their own answers. */
  readonly unmatched: boolean;
}

/** A key expression, as the lane sees it. */
export interface KeySource extends KeyReader {
  toString(): string;
}

export type OrderPolicy =
  | { readonly policy: 'fail' }
  | { readonly policy: 'skip' }
  | { readonly policy: 'slack'; readonly slack: number | bigint; readonly by: KeySource };
