import { type KeyDistance, type Matching, type Pick, shiftKey } from './matching.js';

export type AsOfDirection = 'backward' | 'forward' | 'nearest';

const picks: Record<AsOfDirection, Pick> = { backward: 'last', forward: 'first', nearest: 'nearest' };
const phrases: Record<AsOfDirection, string> = {
  backward: 'the last at or before',
  forward: 'the first at or after',
  nearest: 'the nearest to',
};

/** At most one child element: the last at or before, the first at or after, or the nearest to the parent key. */
export function asOf(direction: AsOfDirection, tolerance: KeyDistance = Number.POSITIVE_INFINITY): Matching {
  const looksBack = direction !== 'forward';
  const looksAhead = direction !== 'backward';
  const bounded = tolerance !== Number.POSITIVE_INFINITY;
  const limit = bounded ? ` (at most ${tolerance} away)` : '';
  return Object.freeze({
    name: `asOf ${direction}`,
    pick: picks[direction],
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
