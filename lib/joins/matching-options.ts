import { WaterMillError } from '../base/watermill-error.js';
import type { Expression } from '../expressions/expression.js';
import { checkDistance } from './key-checks.js';
import { type AsOfDirection, asOf } from './matching/as-of.js';
import { equal } from './matching/equal.js';
import type { KeyDistance, Matching } from './matching/matching.js';
import { within } from './matching/within.js';
import { shown } from './options.js';

interface GivenMatching {
  readonly within?: unknown;
  readonly asOf?: unknown;
  readonly tolerance?: unknown;
}

const directions: readonly unknown[] = ['backward', 'forward', 'nearest'] satisfies AsOfDirection[];

/** The way of matching that the options of an edge ask for. `keys` are its left and its right key. */
export function matchingOf(given: GivenMatching, keys: readonly Expression<any, any>[], role: string): Matching {
  if (given.within !== undefined && given.asOf !== undefined) {
    fail(`${role}: within and asOf are two ways of matching. Leave one of them out.`, 'within or asOf', 'both');
  }
  if (given.asOf !== undefined) return asOfMatching(given, keys, role);
  if (given.tolerance !== undefined) {
    fail(
      `${role}: a tolerance belongs to asOf. Add asOf: 'backward', 'forward' or 'nearest', or use within: [low, high].`,
      'asOf',
      'a tolerance without asOf',
    );
  }
  return given.within === undefined ? equal : intervalMatching(given.within, keys, role);
}

function intervalMatching(given: unknown, keys: readonly Expression<any, any>[], role: string): Matching {
  const ends = Array.isArray(given) && given.length === 2 ? given : [];
  const [low, high] = ends as [KeyDistance, KeyDistance];
  if (!isDistance(low) || !isDistance(high) || typeof low !== typeof high) {
    const found = shown(given);
    fail(
      `${role}: within must be [low, high], two finite numbers or two bigints, not ${found}. For no limit on one side ` +
        'use asOf, or a wide interval: what lies inside it is held in memory.',
      '[low, high]',
      found,
    );
  }
  if (low > high) {
    fail(
      `${role}: within [${low}, ${high}] is empty: low is above high. Write [${high}, ${low}]; ` +
        'a negative distance means that the right key is below the left key.',
      'low <= high',
      `[${low}, ${high}]`,
    );
  }
  for (const key of keys) checkDistance(key, [low, high], `${role}: within`);
  return within(low, high);
}

function asOfMatching(given: GivenMatching, keys: readonly Expression<any, any>[], role: string): Matching {
  const { asOf: direction, tolerance } = given;
  if (!directions.includes(direction)) {
    const found = shown(direction);
    fail(`${role}: asOf must be 'backward', 'forward' or 'nearest', not ${found}.`, directions.join(', '), found);
  }
  if (tolerance !== undefined && tolerance !== Number.POSITIVE_INFINITY && !(isDistance(tolerance) && tolerance >= 0)) {
    const found = shown(tolerance);
    fail(
      `${role}: the tolerance must be a distance of zero or more, or Infinity for any, not ${found}.`,
      'zero or more',
      found,
    );
  }
  const limit = tolerance === Number.POSITIVE_INFINITY ? undefined : (tolerance as KeyDistance | undefined);
  if (direction === 'nearest' || limit !== undefined) {
    const what = limit === undefined ? "asOf 'nearest'" : 'the tolerance';
    for (const key of keys) checkDistance(key, limit === undefined ? [] : [limit], `${role}: ${what}`);
  }
  return asOf(direction as AsOfDirection, limit);
}

/** A distance that can be added to a key. */
function isDistance(value: unknown): value is KeyDistance {
  return typeof value === 'bigint' || (typeof value === 'number' && Number.isFinite(value));
}

function fail(sentence: string, expected: string, found: string): never {
  throw new WaterMillError('WM_JOIN_OPTIONS', sentence, { expected, found });
}
