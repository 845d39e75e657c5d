import { shownValue } from '../../base/shown-value.js';
import { WaterMillError } from '../../base/watermill-error.js';
import type { Distance, KeyDistance, NoDistance } from '../distance.js';
import { checkDistance } from '../key-checks.js';
import { isDistance, type Matching, type Pick, shiftKey, unitOf } from './matching.js';
import { type EdgeInMaking, type WayOfMatching, wrongMatching } from './way-of-matching.js';

export type AsOfDirection = 'backward' | 'forward' | 'nearest';

/** The options of an as-of join. */
export interface AsOfOptions<V> {
  /**
   * At most one element: the last at or before the left key (`backward`), the first at or after it (`forward`), or the
   * nearest, with ties going to the earlier one (`nearest`).
   */
  asOf: 'backward' | 'forward' | NoInfer<Nearest<V>>;
  /** The maximum distance of the match, inclusive; for Date keys in milliseconds. Default: any distance. */
  tolerance?: NoInfer<Distance<V>>;
}

/** Strings, booleans and tuples have no nearest. */
type Nearest<V> = [Extract<Distance<V>, number | bigint>] extends [never] ? NoDistance : 'nearest';

const picks: Record<AsOfDirection, Pick> = { backward: 'last', forward: 'first', nearest: 'nearest' };
const phrases: Record<AsOfDirection, string> = {
  backward: 'the last at or before',
  forward: 'the first at or after',
  nearest: 'the nearest to',
};

/**
 * At most one child element: the last at or before, the first at or after, or the nearest to the parent key. The match
 * becomes final in `mill/lane/tree/complete-group.ts` and, in a flat lane, `mill/lane/flat/band-child.ts`.
 */
export function asOf(direction: AsOfDirection, tolerance: KeyDistance = Number.POSITIVE_INFINITY): Matching {
  const looksBack = direction !== 'forward';
  const looksAhead = direction !== 'backward';
  const bounded = tolerance !== Number.POSITIVE_INFINITY;
  const limit = bounded ? ` (at most ${tolerance} away)` : '';
  return Object.freeze({
    name: `asOf ${direction}`,
    pick: picks[direction],
    ...(direction === 'backward' && { shape: 'latest' as const }),
    ...(bounded && { unit: unitOf(tolerance), distances: [{ what: 'the tolerance', by: tolerance }] }),
    endless: looksBack && !bounded,
    low: (left) => {
      if (!looksBack) return left;
      return bounded ? shiftKey(left, -tolerance) : Number.NEGATIVE_INFINITY;
    },
    high: (left) => {
      if (!looksAhead) return left;
      return bounded ? shiftKey(left, tolerance) : Number.POSITIVE_INFINITY;
    },
    describe: (left, right) => `${right} is ${phrases[direction]} ${left}${limit}`,
    toSql: (left, right) => {
      const ends = [];
      if (looksBack && bounded) ends.push(`${right} >= ${left} - ${tolerance}`);
      if (!looksBack) ends.push(`${right} >= ${left}`);
      if (!looksAhead) ends.push(`${right} <= ${left}`);
      if (looksAhead && bounded) ends.push(`${right} <= ${left} + ${tolerance}`);
      return ends.length > 0 ? ends.join(' AND ') : 'TRUE';
    },
  } satisfies Matching);
}

const directions = Object.keys(picks) as readonly AsOfDirection[];

export const asOfWay: WayOfMatching = {
  option: 'asOf',
  further: ['tolerance'],
  read: (given, edge) => {
    const { keys, role } = edge;
    const direction = directions.find((known) => known === given.asOf);
    if (direction === undefined) {
      const found = shownValue(given.asOf);
      const sentence = `${role}: asOf must be 'backward', 'forward' or 'nearest', not ${found}.`;
      throw wrongMatching(sentence, directions.join(', '), found);
    }
    const limit = limitOf(given.tolerance, edge);
    if (direction === 'nearest' || limit !== undefined) {
      const what = limit === undefined ? "asOf 'nearest'" : 'the tolerance';
      for (const key of keys) checkDistance(key, limit === undefined ? [] : [limit], `${role}: ${what}`);
    }
    return asOf(direction, limit);
  },
};

/** The tolerance, or undefined for any distance. */
function limitOf(tolerance: unknown, { role, hasOn }: EdgeInMaking): KeyDistance | undefined {
  if (tolerance === Number.POSITIVE_INFINITY) return undefined;
  if (tolerance === undefined) {
    if (hasOn) throw unbounded(role);
    return undefined;
  }
  if (isDistance(tolerance) && tolerance >= 0) return tolerance;
  const found = shownValue(tolerance);
  const sentence = `${role}: the tolerance must be a distance of zero or more, or Infinity for any, not ${found}.`;
  throw wrongMatching(sentence, 'zero or more', found);
}

function unbounded(role: string): WaterMillError {
  return new WaterMillError(
    'WM_AS_OF_TOLERANCE',
    `${role}: asOf with on needs a tolerance, since a restart reads again from the oldest element that can still be ` +
      'asked for. Give the largest distance that makes sense; tolerance: Infinity if a restart may read from the start.',
    { expected: 'a tolerance', found: 'none' },
  );
}
