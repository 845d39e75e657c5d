import { type KeyDistance, type Matching, shiftKey } from './matching.js';

/** An interval join: child keys from `left + low` to `left + high`, both ends included. */
export function within(low: KeyDistance, high: KeyDistance): Matching {
  return Object.freeze({
    name: 'within',
    pick: 'all',
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
