import type { Key } from '../../expressions/key.js';

/**
 * A way of matching: pure, and all that the machine knows of equality, intervals and as-of. For one parent key it is
 * a band of child keys and a pick from the survivors inside it. `on` equalities restrict it from outside.
 */
export interface Matching {
  /** `equal`, `within`, `asOf`: for plans and fingerprints. */
  readonly name: string;
  /** All in the band; the last or the first of it in stream order; the nearest to the parent key. */
  readonly pick: 'all' | 'last' | 'first' | 'nearest';
  /** Lowest child key that matches this parent key; `lowest` where the band has no lower end. */
  low(left: Key): Key | Bound;
  /** Highest child key that matches this parent key; `highest` where the band has no upper end. */
  high(left: Key): Key | Bound;
  /** The last parent key that this child key can match; `highest` where every later one can. */
  lastLeft(right: Key): Key | Bound;
  /** `left = right`, `right between left - 10 and left + 5`. */
  toString(): string;
  /** The same as SQL, over two column expressions. */
  toSql(left: string, right: string): string;
}

/** Below every key (`-Infinity`), above every key (`Infinity`): no key is infinite. */
export type Bound = number;
