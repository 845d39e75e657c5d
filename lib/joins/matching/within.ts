import { shownValue } from '../../base/shown-value.js';
import type { Distance, KeyDistance } from '../distance.js';
import { checkDistance } from '../key-checks.js';
import { isDistance, type Matching, shiftKey, unitOf } from './matching.js';
import { type WayOfMatching, wrongMatching } from './way-of-matching.js';

/** The options of an interval join. */
export interface WithinOptions<V> {
  /** `left + low <= right <= left + high`, both ends included; for Date keys in milliseconds. */
  within: readonly [low: NoInfer<Distance<V>>, high: NoInfer<Distance<V>>];
}

/** An interval join: child keys from `left + low` to `left + high`, both ends included. */
export function within(low: KeyDistance, high: KeyDistance): Matching {
  return Object.freeze({
    name: 'within',
    pick: 'all',
    shape: 'interval',
    unit: unitOf(low),
    distances: [
      { what: 'the lower end of within,', by: low },
      { what: 'the upper end of within,', by: high },
    ],
    endless: false,
    low: (left) => shiftKey(left, low),
    high: (left) => shiftKey(left, high),
    describe: (left, right) => `${left} ${signed(low)} <= ${right} <= ${left} ${signed(high)}`,
    toSql: (left, right) => `${right} BETWEEN ${left} ${signed(low)} AND ${left} ${signed(high)}`,
  } satisfies Matching);
}

function signed(distance: KeyDistance): string {
  return distance < 0 ? `- ${-distance}` : `+ ${distance}`;
}

export const withinWay: WayOfMatching = {
  option: 'within',
  further: [],
  read: ({ within: given }, { keys, role }) => {
    const ends = Array.isArray(given) && given.length === 2 ? given : [];
    const [low, high] = ends as [KeyDistance, KeyDistance];
    if (!isDistance(low) || !isDistance(high) || typeof low !== typeof high) {
      const found = shownValue(given);
      throw wrongMatching(
        `${role}: within must be [low, high], two finite numbers or two bigints, not ${found}. For no limit on one side ` +
          'use asOf, or a wide interval: the elements inside it are held in memory.',
        '[low, high]',
        found,
      );
    }
    if (low > high) {
      throw wrongMatching(
        `${role}: within [${low}, ${high}] is empty: low is above high. Write [${high}, ${low}]; ` +
          'a negative distance means that the right key is below the left key.',
        'low <= high',
        `[${low}, ${high}]`,
      );
    }
    for (const key of keys) checkDistance(key, [low, high], `${role}: within`);
    return within(low, high);
  },
};
