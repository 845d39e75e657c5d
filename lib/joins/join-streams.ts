import type { Class } from '../base/class.js';
import { madeHere } from '../base/loaded-copies.js';
import { showAs, shownValue } from '../base/shown-value.js';
import { WaterMillError } from '../base/watermill-error.js';
import { classNameOf } from '../expressions/class-name.js';
import { type FoldedWindow, isFoldedWindow } from './folded-window.js';
import type { JoinKind } from './join-kind.js';
import { checkClass } from './key-checks.js';
import { childClass, isJoin, isTree, type Join, type Tree } from './tree.js';
import { isWindow, type Window } from './windows/window.js';

type Below = readonly unknown[];
type Kind = JoinKind;

/**
 * A class, or a window over one, as one parameter type. A pair of overloads would not work: TypeScript fixes the types
 * of a function's parameters by the first overload that it tries, so functions as keys would stay untyped.
 */
type Master<M, X> = X & (Class<M> | Window<M>);
type WindowOf<X> = X extends Window<any> ? X : false;

type MasterProblem<X> = X extends Class | Window<any>
  ? X
  : X extends FoldedWindow<any, any>
    ? 'WaterMill: a folded window holds no elements to join by; fold the tree, foldWindow(joinStreams(window, …), …)'
    : 'WaterMill: the master must be a message class or a window over one';
type EdgeProblem<X, E> =
  E extends Join<any, any>
    ? E extends Join<X extends Class<infer M> | Window<infer M> ? M : any, any>
      ? E
      : 'WaterMill: the left keys of the edge must read the master'
    : 'WaterMill: an edge must be made by joinWith()';

/**
 * A join tree: a master stream and any number of edges, each made by `joinWith()`. Results come in the master's order,
 * at most one call per element; with inner edges that is the SQL inner join of all streams, grouped by master element.
 * The master may be a window over a class; then there is one call per window.
 *
 * Up to six edges are typed individually. More edges, or edges from an array, share one type: `joinStreams(Master,
 * ...edges)`. Trees nest: the child of an edge may be a tree.
 *
 * Throws `WM_TREE` for other arguments, `WM_KEY_CLASS` if a left key reads another class than the master.
 *
 * @example
 * joinStreams(
 *   RobotLocation,
 *   joinWith(NextLocation, { left: field(RobotLocation, 'time').plus(10), right: field(NextLocation, 'time') }),
 * )
 */
export function joinStreams<M, X>(master: Master<M, X>): Tree<M, [], WindowOf<X>>;
export function joinStreams<M, X, A, KA extends Kind, SA extends Below>(
  master: Master<M, X>,
  a: Join<M, A, KA, SA>,
): Tree<M, [Join<M, A, KA, SA>], WindowOf<X>>;
export function joinStreams<M, X, A, KA extends Kind, SA extends Below, B, KB extends Kind, SB extends Below>(
  master: Master<M, X>,
  a: Join<M, A, KA, SA>,
  b: Join<M, B, KB, SB>,
): Tree<M, [Join<M, A, KA, SA>, Join<M, B, KB, SB>], WindowOf<X>>;
export function joinStreams<
  M,
  X,
  A,
  KA extends Kind,
  SA extends Below,
  B,
  KB extends Kind,
  SB extends Below,
  C,
  KC extends Kind,
  SC extends Below,
>(
  master: Master<M, X>,
  a: Join<M, A, KA, SA>,
  b: Join<M, B, KB, SB>,
  c: Join<M, C, KC, SC>,
): Tree<M, [Join<M, A, KA, SA>, Join<M, B, KB, SB>, Join<M, C, KC, SC>], WindowOf<X>>;
export function joinStreams<
  M,
  X,
  A,
  KA extends Kind,
  SA extends Below,
  B,
  KB extends Kind,
  SB extends Below,
  C,
  KC extends Kind,
  SC extends Below,
  D,
  KD extends Kind,
  SD extends Below,
>(
  master: Master<M, X>,
  a: Join<M, A, KA, SA>,
  b: Join<M, B, KB, SB>,
  c: Join<M, C, KC, SC>,
  d: Join<M, D, KD, SD>,
): Tree<M, [Join<M, A, KA, SA>, Join<M, B, KB, SB>, Join<M, C, KC, SC>, Join<M, D, KD, SD>], WindowOf<X>>;
export function joinStreams<
  M,
  X,
  A,
  KA extends Kind,
  SA extends Below,
  B,
  KB extends Kind,
  SB extends Below,
  C,
  KC extends Kind,
  SC extends Below,
  D,
  KD extends Kind,
  SD extends Below,
  E,
  KE extends Kind,
  SE extends Below,
>(
  master: Master<M, X>,
  a: Join<M, A, KA, SA>,
  b: Join<M, B, KB, SB>,
  c: Join<M, C, KC, SC>,
  d: Join<M, D, KD, SD>,
  e: Join<M, E, KE, SE>,
): Tree<
  M,
  [Join<M, A, KA, SA>, Join<M, B, KB, SB>, Join<M, C, KC, SC>, Join<M, D, KD, SD>, Join<M, E, KE, SE>],
  WindowOf<X>
>;
export function joinStreams<
  M,
  X,
  A,
  KA extends Kind,
  SA extends Below,
  B,
  KB extends Kind,
  SB extends Below,
  C,
  KC extends Kind,
  SC extends Below,
  D,
  KD extends Kind,
  SD extends Below,
  E,
  KE extends Kind,
  SE extends Below,
  F,
  KF extends Kind,
  SF extends Below,
>(
  master: Master<M, X>,
  a: Join<M, A, KA, SA>,
  b: Join<M, B, KB, SB>,
  c: Join<M, C, KC, SC>,
  d: Join<M, D, KD, SD>,
  e: Join<M, E, KE, SE>,
  f: Join<M, F, KF, SF>,
): Tree<
  M,
  [
    Join<M, A, KA, SA>,
    Join<M, B, KB, SB>,
    Join<M, C, KC, SC>,
    Join<M, D, KD, SD>,
    Join<M, E, KE, SE>,
    Join<M, F, KF, SF>,
  ],
  WindowOf<X>
>;
export function joinStreams<M, X, A, K extends Kind, S extends Below>(
  master: Master<M, X>,
  ...edges: readonly Join<M, A, K, S>[]
): Tree<M, Join<M, A, K, S>[], WindowOf<X>>;
/**
 * @deprecated Only for the compiler: says what is wrong. Twice, since of more than three overloads that fail TypeScript 5
 * shows the last alone.
 */
export function joinStreams<X, const E extends readonly unknown[]>(
  master: MasterProblem<X>,
  ...edges: { [I in keyof E]: EdgeProblem<X, E[I]> }
): never;
/** @deprecated Only for the compiler. */
export function joinStreams<X, const E extends readonly unknown[]>(
  master: MasterProblem<X>,
  ...edges: { [I in keyof E]: EdgeProblem<X, E[I]> }
): never;
export function joinStreams(master: unknown, ...edges: readonly unknown[]): Tree<any, any, any> {
  checkMaster(master);
  const cls = isWindow(master) ? master.master : master;
  const role = `joinStreams(${classNameOf(cls)}, …)`;
  for (const [index, edge] of edges.entries()) {
    checkEdge(edge, index, role);
    const place = `${role}, edge to ${classNameOf(childClass(edge))}`;
    checkClass(edge.left, cls, `${place}: the left key`);
    for (const [number, [left]] of edge.on.entries()) checkClass(left, cls, `${place}: on[${number}]: the left key`);
  }
  const made = madeHere(
    Object.freeze({
      what: 'tree',
      master: cls,
      window: isWindow(master) ? master.description : undefined,
      edges: Object.freeze(edges as readonly Join<any, any>[]),
    } as const),
  );
  return showAs(made, () => `a tree over ${classNameOf(cls)}`);
}

function checkMaster(master: unknown): asserts master is Class | Window<unknown> {
  if (typeof master === 'function' || isWindow(master)) return;
  if (isFoldedWindow(master)) {
    throw new WaterMillError(
      'WM_TREE',
      'joinStreams(): a folded window holds no elements to join by. Fold the tree: foldWindow(joinStreams(window, …), …).',
      { expected: 'a message class or a window', found: 'a folded window' },
    );
  }
  const found = shownValue(master);
  throw new WaterMillError(
    'WM_TREE',
    `joinStreams(): the first argument must be the master, a message class or a window over one, not ${found}. Where it ` +
      'is undefined though imported, the import is circular: declare the class in its own file.',
    { expected: 'a message class or a window', found },
  );
}

function checkEdge(edge: unknown, index: number, role: string): asserts edge is Join<any, any> {
  if (isJoin(edge)) return;
  const joinable = typeof edge === 'function' || isTree(edge);
  const fix = Array.isArray(edge)
    ? 'Spread the array: joinStreams(Master, ...edges).'
    : joinable
      ? 'Wrap it: joinWith(child, { left, right }).'
      : 'Make it with joinWith(child, { left, right }).';
  const found = shownValue(edge);
  throw new WaterMillError('WM_TREE', `${role}: argument ${index + 2} must be an edge, not ${found}. ${fix}`, {
    expected: 'an edge made by joinWith()',
    found,
  });
}
