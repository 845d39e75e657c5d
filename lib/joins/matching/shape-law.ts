import type { Key } from '../../expressions/key.js';
import { type Matching, type Shape, shiftKey } from './matching.js';

interface ShapeLaw {
  /** In words, to follow "its shape says that". */
  readonly says: string;
  readonly pick: Matching['pick'];
  low(key: Key, matching: Matching): Key;
  high(key: Key, matching: Matching): Key;
}

/** Adds the offset of a band's end to a key; the offset is the end for the key 0. */
const shifted = (key: Key, end: Key): Key => shiftKey(key, end as number | bigint);
const zero = ({ unit }: Matching): Key => (unit === 'bigint' ? 0n : 0);

/**
 * What the loops of flat trees assume, per shape: they hold elements by these bands without asking the matching for
 * each parent key. A matching without a shape has no such law; the general machine runs it.
 */
const laws: Record<Shape, ShapeLaw> = {
  key: {
    says: 'the band of a key is that key, and all of it matches',
    pick: 'all',
    low: (key) => key,
    high: (key) => key,
  },
  interval: {
    says: 'a band moves with its key, and all of it matches: low(key) is key + low(0), high(key) is key + high(0)',
    pick: 'all',
    low: (key, matching) => shifted(key, matching.low(zero(matching))),
    high: (key, matching) => shifted(key, matching.high(zero(matching))),
  },
  latest: {
    says: 'the last of a band that ends with its key matches, and that has no lower end or moves with the key',
    pick: 'last',
    low: (key, matching) => (matching.endless ? Number.NEGATIVE_INFINITY : shifted(key, matching.low(zero(matching)))),
    high: (key) => key,
  },
};

const numbers = [1, 1_000, -77.5];
const bigints = [1n, 1_000n, -77n];

/**
 * How a matching breaks the law of its shape, as a sentence; undefined if it does not, or has no shape. Tested with a
 * few keys.
 */
export function brokenShapeLaw(matching: Matching): string | undefined {
  const { shape } = matching;
  if (shape === undefined) return undefined;
  const law = laws[shape];
  const says = (found: string) => `its shape '${shape}' says that ${law.says}, but ${found}`;
  if (law.pick !== matching.pick) return says(`it picks '${matching.pick}'`);
  for (const key of matching.unit === 'bigint' ? bigints : numbers) {
    for (const end of ['low', 'high'] as const) {
      const [found, expected] = [matching[end](key), law[end](key, matching)];
      if (found !== expected) return says(`${end}(${key}) is ${found}, not ${expected}`);
    }
  }
  return undefined;
}
