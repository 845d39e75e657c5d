import type { Class } from '../base/class.js';
import { madeHere } from '../base/loaded-copies.js';
import { showAs, shownValue } from '../base/shown-value.js';
import { WaterMillError } from '../base/watermill-error.js';
import { classNameOf } from '../expressions/class-name.js';
import type { Key } from '../expressions/key.js';
import { toExpression } from '../expressions/to-expression.js';
import { hasGroups, type JoinKind, joinKinds, kindRow, mayDrop } from './join-kind.js';
import type { JoinOptions, NeverNullNorAnObject } from './join-options.js';
import { checkClass, checkComparable, checkOrder, checkType } from './key-checks.js';
import { matchingOf, matchingOptionNames } from './matching/ways.js';
import { knownOptions, refuseFurther } from './option-checks.js';
import { childClass, isJoin, isTree, type Join, type Tree } from './tree.js';
import { isWindow } from './windows/window.js';

/**
 * An edge of a join tree: which elements of `child` belong to an element of the parent. The child is a message class,
 * or a tree over one: then the edge matches the survivors of that tree.
 *
 * - Without `within` and `asOf` keys must be equal: SQL's `parent JOIN child ON left = right`.
 * - `within: [low, high]`: `right BETWEEN left + low AND left + high`.
 * - `asOf`: at most one element. `tolerance` limits its distance.
 * - `on`: further equalities, over keys that need no order.
 * - `kind`: `inner` (default) and `left` give the process function a `Joined`; `semi` (EXISTS) and `anti` (NOT EXISTS)
 *   only select; edges below them add no parameters.
 *
 * Keys must never decrease along their streams. A key expression that can decrease is refused here (`WM_KEY_ORDER`),
 * others are checked element by element. Memory: the child elements that match the current parent element (the band of
 * an interval; one element per `on` value for backward as-of); they are released when the parent's key has passed them.
 *
 * Throws `WM_JOIN_CHILD`, `WM_JOIN_OPTIONS`, `WM_JOIN_LEFT_BELOW`, `WM_AS_OF_TOLERANCE`, `WM_KEY`, `WM_KEY_ORDER`,
 * `WM_KEY_CLASS`, `WM_KEY_TYPE`, `WM_KEY_DISTANCE`.
 *
 * @example
 * joinWith(Weather, {
 *   left: field(Flight, 'departs'),
 *   right: field(Weather, 'at'),
 *   asOf: 'backward',
 *   tolerance: 2 * HOUR,
 *   on: [[field(Flight, 'origin'), field(Weather, 'airport')]],
 *   kind: 'left',
 * })
 */
export function joinWith<
  C,
  V extends Key | NeverNullNorAnObject,
  W extends Key | NeverNullNorAnObject,
  const K extends JoinKind = 'inner',
  S extends readonly unknown[] = [],
  P = unknown,
  L = P,
  R = C,
>(
  child: Class<C> | Tree<C, S, false> | ChildRule,
  options: JoinOptions<P, C, L, R, V, W, K>,
): Join<unknown extends P ? L : P, C, K, S>;
export function joinWith(child: unknown, options: unknown, ...further: readonly unknown[]): Join<any, any> {
  checkChild(child);
  const cls = isTree(child) ? child.master : child;
  const role = `joinWith(${classNameOf(cls)})`;
  const given = knownOptions(options, optionNames, role, 'WM_JOIN_OPTIONS');
  refuseEdgeBehind(further, classNameOf(cls), role);
  refuseFurther(further, optionNames, role, 'WM_JOIN_OPTIONS');
  const kind = kindOf(given.kind, role);
  const left = toExpression(given.left, `${role}: the left key`);
  const right = toExpression(given.right, `${role}: the right key`);
  for (const [key, side] of [
    [left, 'left'],
    [right, 'right'],
  ] as const) {
    checkType(key, `${role}: the ${side} key`);
    checkOrder(key, `${role}: the ${side} key`);
  }
  checkClass(right, cls, `${role}: the right key`);
  checkComparable(left, right, role);
  const on = equalitiesOf(given.on, cls, role);
  const matching = matchingOf(given, { role, keys: [left, right], hasOn: on.length > 0 });
  if (isTree(child) && !hasGroups(kind)) refuseLeftBelow(child, kind, role);
  const made = madeHere(Object.freeze({ what: 'join', child, kind, matching, left, right, on }) as Join<any, any>);
  return showAs(made, () => `an edge to ${classNameOf(cls)}`);
}

/** The compiler's error for anything else. */
type ChildRule = 'WaterMill: the child must be a message class or a tree without a window, which goes on the master';

const optionNames = ['left', 'right', 'kind', ...matchingOptionNames, 'on'];

function checkChild(child: unknown): asserts child is Class | Tree<unknown> {
  if (typeof child === 'function') return;
  const overWindow = isWindow(child) || (isTree(child) && child.window !== undefined);
  if (isTree(child) && !overWindow) return;
  const found = overWindow ? 'a window' : shownValue(child);
  throw new WaterMillError(
    'WM_JOIN_CHILD',
    overWindow
      ? `joinWith(): the child is a window over ${classNameOf(child.master)}; only the master of the whole tree can have a ` +
          'window. Join the class itself, and put the window on the master: joinStreams(window(Master, key), …).'
      : `joinWith(): the child must be a message class or a tree made by joinStreams(), not ${found}. Where it is ` +
          'undefined though imported, the import is circular: declare the class in its own file.',
    { expected: 'a message class or a tree', found },
  );
}

/** Refuses an edge behind the options: it would be left out of the join without a word. */
function refuseEdgeBehind([found]: readonly unknown[], name: string, role: string): void {
  if (!isJoin(found)) return;
  const below = classNameOf(childClass(found));
  throw new WaterMillError(
    'WM_JOIN_OPTIONS',
    `${role}: ${shownValue(found)} follows the options. Joins below ${name} are part of its tree: ` +
      `joinWith(joinStreams(${name}, joinWith(${below}, …)), …).`,
    { expected: 'one object of options', found: shownValue(found) },
  );
}

function kindOf(given: unknown, role: string): JoinKind {
  if (given === undefined) return 'inner';
  const kind = joinKinds.find((known) => known === given);
  if (kind !== undefined) return kind;
  throw new WaterMillError(
    'WM_JOIN_OPTIONS',
    `${role}: kind must be one of ${joinKinds.map((known) => `'${known}'`).join(', ')}, not ${shownValue(given)}. A full join is kind 'left' with an ` +
      'unmatched method.',
    { expected: joinKinds.join(', '), found: shownValue(given) },
  );
}

function equalitiesOf(given: unknown, cls: Class, role: string): Join<any, any>['on'] {
  if (given === undefined) return Object.freeze([]);
  if (!Array.isArray(given) || !given.every((pair) => Array.isArray(pair) && pair.length === 2)) {
    throw new WaterMillError(
      'WM_JOIN_OPTIONS',
      `${role}: on must be a list of pairs, [[key of the parent, key of the child], …], not ${shownValue(given)}.`,
      { expected: '[[left, right], …]', found: shownValue(given) },
    );
  }
  return Object.freeze(
    given.map(([a, b], index) => {
      const place = `${role}: on[${index}]`;
      const left = toExpression(a, `${place}: the left key`);
      const right = toExpression(b, `${place}: the right key`);
      checkType(left, `${place}: the left key`);
      checkType(right, `${place}: the right key`);
      checkClass(right, cls, `${place}: the right key`);
      checkComparable(left, right, place);
      return Object.freeze([left, right] as const);
    }),
  );
}

function refuseLeftBelow(tree: Tree<unknown>, kind: JoinKind, role: string): void {
  for (const edge of tree.edges) {
    if (!mayDrop(kindRow(edge.kind))) {
      const name = classNameOf(childClass(edge));
      throw new WaterMillError(
        'WM_JOIN_LEFT_BELOW',
        `${role}: below this ${kind} edge is a left edge to ${name}, which would have no effect: it selects nothing, and ` +
          `below a ${kind} edge nothing is given to the process function. Leave it out, or make it inner.`,
        { message: name, expected: 'inner, semi or anti', found: 'left' },
      );
    }
    if (isTree(edge.child)) refuseLeftBelow(edge.child, kind, role);
  }
}
