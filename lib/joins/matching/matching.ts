import type { Key } from '../../expressions/key.js';

/**
 * A way of matching: pure, and all that the machine knows of equality, intervals and as-of. For one parent key it is
 * a band of child keys and a pick from the survivors inside it. `on` equalities restrict it from outside.
 *
 * Both ends must not decrease when the parent key grows. Date keys come as their milliseconds, and the bounds
 * themselves (`-Infinity`, `Infinity`) may come in: a bound stays a bound.
 */
export interface Matching {
  /** `equal`, `within`, `asOf backward`, …: for plans and fingerprints. */
  readonly name: string;
  /** All in the band; the last or the first of it in stream order; the nearest to the parent key. */
  readonly pick: Pick;
  /**
   * The plainest thing that holds what it needs of a stream in order: the elements of one key, those of an interval, or
   * the last of each `on` value. Each has a law (`shape-law.ts`), which is checked when a plan is made. Undefined: only the
   * general machine can do it.
   */
  readonly shape?: Shape;
  /** The lowest child key that matches this parent key; `-Infinity` where the band has no lower end. */
  low(left: Key): Key;
  /** The highest child key that matches this parent key; `Infinity` where the band has no upper end. */
  high(left: Key): Key;
  /** The keys to which it adds distances, where it does: others are refused as they come. */
  readonly unit?: KeyUnit | undefined;
  /** Those distances: a number key so large that adding one of them changes nothing is refused. */
  readonly distances?: readonly NamedDistance[] | undefined;
  /** The band has no lower end: a match lasts forever. */
  readonly endless: boolean;
  /** How it reads between two key expressions: `left = right`. */
  describe(left: string, right: string): string;
  /** The condition in SQL, without the pick. */
  toSql(left: string, right: string): string;
}

/** The distance that is added to a key, with its name in an error: `the tolerance`. */
export interface NamedDistance {
  readonly what: string;
  readonly by: KeyDistance;
}

export type Shape = 'key' | 'interval' | 'latest';

export type Pick = 'all' | 'last' | 'first' | 'nearest';

/** How far two keys may be apart: in the key's unit, for Dates in milliseconds. */
export type KeyDistance = number | bigint;

/** The keys with which something is computed: numbers and Dates, bigints, or Dates alone. */
export type KeyUnit = 'number' | 'bigint' | 'Date';

export function unitOf(distance: KeyDistance): KeyUnit {
  return typeof distance === 'bigint' ? 'bigint' : 'number';
}

/** A distance that can be added to a key. */
export function isDistance(value: unknown): value is KeyDistance {
  return typeof value === 'bigint' || (typeof value === 'number' && Number.isFinite(value));
}

/** A key moved by a distance; a bound stays where it is. */
export function shiftKey(key: Key, distance: KeyDistance): Key {
  if (typeof key === 'bigint') {
    return typeof distance === 'bigint' ? key + distance : (distance as Key);
  }
  if (key === Number.POSITIVE_INFINITY || key === Number.NEGATIVE_INFINITY) return key;
  return (key as number) + Number(distance);
}
