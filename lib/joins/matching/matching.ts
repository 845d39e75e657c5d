import type { Key } from '../../expressions/key.js';
import type { KeyDistance } from '../distance.js';

/**
 * A way of matching: pure, and everything that the machine knows about equality, intervals and as-of. For a parent key
 * it has a band of child keys, and a pick from the survivors in the band. `on` equalities restrict it further.
 *
 * Neither end may decrease when the parent key grows. Date keys are passed as milliseconds. The bounds (`-Infinity`,
 * `Infinity`) may be passed as keys: their band ends are bounds, too.
 */
export interface Matching {
  /** `equal`, `within`, `asOf backward`, …: for plans and fingerprints. */
  readonly name: string;
  /** All survivors in the band; the last or the first of them in stream order; the one nearest to the parent key. */
  readonly pick: Pick;
  /**
   * The simplest structure that holds enough of a stream in order: the elements of one key, those of an interval, or
   * the last of each `on` value. Each shape has a law (`shape-law.ts`), which is checked when a plan is made. Undefined
   * if only the general machine can run the matching.
   */
  readonly shape?: Shape;
  /** The lowest child key that matches this parent key; `-Infinity` if the band has no lower end. */
  low(left: Key): Key;
  /** The highest child key that matches this parent key; `Infinity` if the band has no upper end. */
  high(left: Key): Key;
  /** The type of keys that distances are added to, if any: other keys are refused at run time. */
  readonly unit?: KeyUnit | undefined;
  /** Those distances: a number key so large that adding one of them has no effect is refused. */
  readonly distances?: readonly NamedDistance[] | undefined;
  /** The band has no lower end: matches never expire. */
  readonly endless: boolean;
  /** The text of the condition between two key expressions: `left = right`. */
  describe(left: string, right: string): string;
  /** The condition in SQL, without the pick. */
  toSql(left: string, right: string): string;
}

/** A distance that is added to a key, with its name in errors: `the tolerance`. */
export interface NamedDistance {
  readonly what: string;
  readonly by: KeyDistance;
}

export type Shape = 'key' | 'interval' | 'latest';

export type Pick = 'all' | 'last' | 'first' | 'nearest';

/** The keys that are used in computations: numbers and Dates, bigints, or only Dates. */
export type KeyUnit = 'number' | 'bigint' | 'Date';

export function unitOf(distance: KeyDistance): KeyUnit {
  return typeof distance === 'bigint' ? 'bigint' : 'number';
}

/** Returns whether a value is a distance that can be added to a key. */
export function isDistance(value: unknown): value is KeyDistance {
  return typeof value === 'bigint' || (typeof value === 'number' && Number.isFinite(value));
}

/** Adds a distance to a key; a bound is unchanged. */
export function shiftKey(key: Key, distance: KeyDistance): Key {
  if (typeof key === 'bigint') {
    return typeof distance === 'bigint' ? key + distance : (distance as Key);
  }
  if (key === Number.POSITIVE_INFINITY || key === Number.NEGATIVE_INFINITY) return key;
  return (key as number) + Number(distance);
}
