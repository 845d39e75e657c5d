import { compareKeys, type Key } from '../../expressions/key.js';
import { OrderedMap } from '../ordered-map.js';
import type { RowOrder, RowRange } from '../row.js';

interface Entry<V> {
  readonly key: Key;
  /** Undefined for a deleted key. */
  readonly value: V | undefined;
}

/** Ranges up to this length are read at once. */
const shortRange = 128;

/** Values in the order of keys, most of them on disk: values that are not written yet override those on disk. */
export class OrderOnDisk<V> implements RowOrder<V> {
  private readonly above = new OrderedMap<Entry<V>>();

  constructor(private readonly stored: (range: RowRange) => Iterable<Entry<V>>) {}

  set(key: Key, value: V): void {
    this.above.set(key, { key, value });
  }

  delete(key: Key): void {
    this.above.set(key, { key, value: undefined });
  }

  /** The value of this key is on disk from now on. */
  written(key: Key): void {
    this.above.delete(key);
  }

  range(range: RowRange): Iterable<V> {
    const { limit } = range;
    if (limit <= shortRange) {
      const above = [...this.above.range({ ...range, limit: shortRange + 1 })];
      // Each override may hide a row on disk.
      if (above.length <= shortRange)
        return [...merged(above, this.stored({ ...range, limit: limit + above.length }), range)];
    }
    const unlimited = { ...range, limit: Number.POSITIVE_INFINITY };
    const above = this.above.range(unlimited);
    const stored = this.stored(unlimited);
    return { [Symbol.iterator]: () => merged(above, stored, range) };
  }
}

function* merged<V>(
  above: Iterable<Entry<V>>,
  stored: Iterable<Entry<V>>,
  { reverse, limit }: RowRange,
): Generator<V, void> {
  const [upper, lower] = [above[Symbol.iterator](), stored[Symbol.iterator]()];
  let up = upper.next();
  let low = lower.next();
  for (let left = limit; left > 0; ) {
    if (up.done && low.done) return;
    const order = up.done ? 1 : low.done ? -1 : compareKeys(up.value.key, low.value.key) * (reverse ? -1 : 1);
    const { value } = order <= 0 ? up.value : low.value;
    if (order <= 0) up = upper.next();
    if (order >= 0) low = lower.next();
    if (value === undefined) continue;
    left--;
    yield value;
  }
}
