import type { Class } from '../base/class.js';
import type { Expression } from '../expressions/expression.js';
import type { JoinKind } from './join-kind.js';
import type { Matching } from './matching/matching.js';
import type { WindowDescription } from './windows/window.js';

/**
 * A join tree: a master and the edges to its children. Made by `joinStreams()`, immutable, and without effect until a
 * mill is made from it. `M` is the master's class, `J` the edges' types in order, `W` the window on it, or false.
 */
export interface Tree<out M, out J extends readonly unknown[] = readonly unknown[], out W = unknown> {
  readonly what: 'tree';
  readonly master: Class<M>;
  readonly window: WindowDescription | undefined;
  readonly edges: readonly Join<any, any>[];
  /** Carries types only; never set. */
  readonly '~types'?: readonly [edges: J, windowed: W];
}

/**
 * An edge of a join tree, made by `joinWith()`: from a parent `L`, known when the edge is added to a tree, to a child
 * `R` (a stream, or the survivors of a tree `S` below it).
 */
export interface Join<
  in L,
  out R,
  out K extends JoinKind = JoinKind,
  out S extends readonly unknown[] = readonly unknown[],
> {
  readonly what: 'join';
  readonly child: Class<R> | Tree<R>;
  readonly kind: K;
  readonly matching: Matching;
  readonly left: Expression<any, any>;
  readonly right: Expression<any, any>;
  /** Equalities that restrict the match and need no order. */
  readonly on: readonly (readonly [left: Expression<any, any>, right: Expression<any, any>])[];
  /** Carries types only; never set. */
  readonly '~types'?: readonly [parent: (parent: L) => void, below: S];
}

/** The class of the elements that an edge matches. */
export function childClass(join: Join<any, any>): Class {
  return isTree(join.child) ? join.child.master : join.child;
}

export function isTree(value: unknown): value is Tree<any> {
  return typeof value === 'object' && value !== null && (value as { what?: unknown }).what === 'tree';
}

export function isJoin(value: unknown): value is Join<any, any> {
  return typeof value === 'object' && value !== null && (value as { what?: unknown }).what === 'join';
}
