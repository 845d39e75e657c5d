import type { KeyReader } from '../../expressions/key-code.js';
import type { JoinKind } from '../../joins/join-kind.js';
import type { Matching } from '../../joins/matching/matching.js';
import type { WindowDescription } from '../../joins/window.js';

/** What a lane executes: the plan's tree, without classes, brokers and parameters. Node 0 is the master. */
export interface LaneSpec {
  readonly nodes: readonly NodeSpec[];
  readonly window: WindowDescription | undefined;
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
  /** Child elements that are in no group are released as answers of their own. */
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
