import { isDate } from '../../base/date.js';
import { comparable, compareKeys } from '../../expressions/key.js';
import { printKey } from '../../expressions/key-text.js';
import type { PlanEdge, PlanNode } from '../plan/plan.js';
import type { KeyRange } from './key-range.js';

interface Sides {
  readonly parent: PlanNode;
  readonly child: PlanNode;
  readonly left: KeyRange | undefined;
  readonly right: KeyRange | undefined;
}

interface Cause {
  readonly cause: string;
  /** The cause is sufficient; otherwise another edge may be to blame. */
  readonly explains: boolean;
}

const endedEarly: Cause = { cause: 'the run ended before its streams did: later elements may match', explains: false };

/**
 * The likely reason why an edge matched nothing, from its first and last keys. `isWhole`: the run has read what there
 * is; otherwise a cause counts only if later elements do not change it.
 */
export function likelyCause(edge: PlanEdge, { parent, child, left, right }: Sides, isWhole: boolean): Cause {
  if (left === undefined || right === undefined) {
    const { name } = left === undefined ? parent : child;
    return isWhole ? { cause: `${name} had no elements`, explains: true } : endedEarly;
  }
  const odd = oddKeys(parent, left) ?? oddKeys(child, right);
  if (odd !== undefined) return { cause: odd, explains: false };
  if (left.type !== right.type) {
    return {
      cause: `a ${left.type} never equals a ${right.type}: read one of the fields as the other type`,
      explains: true,
    };
  }
  const unordered = isUnordered(parent, left) ? parent : isUnordered(child, right) ? child : undefined;
  if (unordered !== undefined) {
    return { cause: `${unordered.name} is not in order: its first key is above its last`, explains: true };
  }
  const units = unitsApart(left, right);
  const apart = distance(edge, left, right);
  if (apart !== undefined && (isWhole || units !== undefined)) return { cause: units ?? apart, explains: true };
  if (!isWhole) return endedEarly;
  if (edge.on.length > 0) return { cause: 'the keys overlap: do the equalities of `on` ever hold?', explains: false };
  return {
    cause: 'the keys overlap, but none match: rounding, an offset, or another edge that matches nothing?',
    explains: false,
  };
}

/** The policy of a stream may skip elements whose keys cannot be compared with the others. */
function oddKeys({ name }: PlanNode, { first, last }: KeyRange): string | undefined {
  if (comparable(first, last)) return undefined;
  return `the first key of ${name} is ${printKey(first)}, its last is ${printKey(last)}, and these cannot be compared`;
}

/** Under slack, a short stream may well start above its end. */
function isUnordered({ order }: PlanNode, range: KeyRange): boolean {
  return order.policy !== 'slack' && falls(range);
}

function falls({ first, last }: KeyRange): boolean {
  return compareKeys(comparableKey(first), comparableKey(last)) > 0;
}

function boundsOf(range: KeyRange): readonly [low: any, high: any] {
  const [first, last] = [comparableKey(range.first), comparableKey(range.last)];
  return falls(range) ? [last, first] : [first, last];
}

/** Two ranges that the edge can never bring together, in words. */
function distance({ matching }: PlanEdge, left: KeyRange, right: KeyRange): string | undefined {
  const [low, high] = boundsOf(left);
  const [lowRight, highRight] = boundsOf(right);
  if (!comparable(high, lowRight)) return undefined;
  if (compareKeys(matching.high(high), lowRight) < 0) {
    return 'every left key is below every right key that could match it: other units, or another stretch of time?';
  }
  if (compareKeys(matching.low(low), highRight) > 0) {
    return 'every left key is above every right key that could match it: other units, or another stretch of time?';
  }
  return undefined;
}

const UNITS: readonly (readonly [ratio: number, cause: string])[] = [
  [1e3, 'seconds against milliseconds?'],
  [1e6, 'seconds against microseconds, or milliseconds against nanoseconds?'],
  [1e9, 'seconds against nanoseconds?'],
];
/** Milliseconds since 1970, from 2001 to 2286. */
const EPOCH_MS = [1e12, 1e13] as const;

/** Numbers that look like the same quantity in different units. */
function unitsApart(left: KeyRange, right: KeyRange): string | undefined {
  const a = magnitude(left.last);
  const b = magnitude(right.last);
  if (a === undefined || b === undefined || a === 0 || b === 0) return undefined;
  const large = Math.max(a, b);
  const small = Math.min(a, b);
  const ratio = large / small;
  // Seconds since 1970 are at least a thousandth of the milliseconds; less means a time since some start.
  if (large >= EPOCH_MS[0] && large < EPOCH_MS[1] && ratio > 2e3) {
    return 'seconds against milliseconds, or times since a start against times since 1970?';
  }
  return UNITS.find(([factor]) => ratio > factor / 2 && ratio < factor * 2)?.[1];
}

function magnitude(key: unknown): number | undefined {
  return typeof key === 'number' || typeof key === 'bigint' ? Math.abs(Number(key)) : undefined;
}

/** Dates are compared by their milliseconds, as in the lane. */
function comparableKey(key: unknown): any {
  return isDate(key) ? key.getTime() : key;
}
