import type { KeyReader } from '../../expressions/key-code.js';
import type { JoinKind } from '../../joins/join-kind.js';
import type { Matching } from '../../joins/matching/matching.js';
import type { WindowDescription } from '../../joins/window.js';
import type { Row } from './tree/row.js';

/** What a lane executes: the plan's tree, without classes, brokers and parameters. Node 0 is the master. */
export interface LaneSpec {
  readonly nodes: readonly NodeSpec[];
  readonly window: WindowDescription | undefined;
  /** What the elements of a window are folded into, where they are. */
  readonly fold?: LaneFold | undefined;
}

/** Makes accumulators of elements. */
export interface LaneFold {
  /** A new accumulator, for a window of this value of `by`, which an element at this position opens. */
  initial(value: unknown, position: number): unknown;
  /** The accumulator with one more element; its row has the groups, where the tree gives any. */
  add(accumulator: unknown, element: object, row: Row | undefined, position: number): unknown;
  /** Another object like the element, for each further accumulator that it goes into. */
  copy(element: object): object;
}

export interface NodeSpec {
  readonly name: string;
  readonly edges: readonly EdgeSpec[];
  readonly order: OrderPolicy;
  /** The lane may be told not to wait for this node while it is silent; its policy is then to skip. */
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
