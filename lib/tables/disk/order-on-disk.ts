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
/** How many more rows than the limit of a range are read from disk first: some may be overridden. */
const fewMore = 8;
const mostAtOnce = 256;

/**
 * Keys between which every row on disk is overridden, as at the beginning of a queue whose first rows were deleted. In
 * the direction of the range that found it, the last key may have a row that is not.
 */
interface Gap {
  /** Undefined for the lowest key, or the highest one in reverse. */
  readonly first: Key | undefined;
  readonly last: Key;
}

/** Values in the order of keys, most of them on disk: values that are not written yet override those on disk. */
export class OrderOnDisk<V> implements RowOrder<V> {
  private readonly above = new OrderedMap<Entry<V>>();
  /** Those of `above` with a value. */
  private readonly put = new OrderedMap<Entry<V>>();
  /** The gap that a range found last, ascending and in reverse. */
  private readonly gaps: [up: Gap | undefined, down: Gap | undefined] = [undefined, undefined];
  /** The number of changes so far. */
  private changes = 0;

  constructor(private readonly stored: (range: RowRange) => Iterable<Entry<V>>) {}

  set(key: Key, value: V): void {
    const entry = { key, value };
    this.changes++;
    this.above.set(key, entry);
    this.put.set(key, entry);
  }

  delete(key: Key): void {
    this.changes++;
    this.above.set(key, { key, value: undefined });
    this.put.delete(key);
  }

  /** The value of this key is on disk from now on. */
  written(key: Key): void {
    this.changes++;
    const isDeleted = this.above.has(key) && !this.put.has(key);
    this.above.delete(key);
    this.put.delete(key);
    if (isDeleted) return;
    for (const reverse of [false, true]) if (isIn(this.gapOf(reverse), key, reverse)) this.setGap(reverse, undefined);
  }

  range(range: RowRange): Iterable<V> {
    if (range.limit <= shortRange) return this.first(range);
    const unlimited = { ...range, limit: Number.POSITIVE_INFINITY };
    const { changes } = this;
    const above = this.above.range(unlimited);
    const stored = this.stored(this.afterGap(unlimited));
    return { [Symbol.iterator]: () => merged(above, this.noting(stored, unlimited, changes), range) };
  }

  /** The values of a short range. */
  private first(range: RowRange): V[] {
    const { limit, reverse } = range;
    const found: V[] = [];
    const put = [...this.put.range(range)];
    let next = 0;
    const takePut = (before: Key | undefined): void => {
      for (; next < put.length && found.length < limit; next++) {
        const { key, value } = put[next] as Entry<V>;
        if (before !== undefined && isAfter(key, before, reverse)) return;
        found.push(value as V);
      }
    };
    if (limit === 0) return found;
    for (const { key, value } of this.noting(this.pieces(range), range, this.changes)) {
      if (this.above.has(key)) continue;
      takePut(key);
      if (found.length < limit) found.push(value as V);
      if (found.length >= limit) return found;
    }
    takePut(undefined);
    return found;
  }

  /** The rows on disk, read in pieces. */
  private *pieces(range: RowRange): Generator<Entry<V>, void> {
    let rest: RowRange = { ...this.afterGap(range), limit: range.limit + fewMore };
    let last: Key | undefined;
    for (;;) {
      let count = 0;
      for (const row of this.stored(rest)) {
        count++;
        // A piece begins with the last row of the one before it.
        if (last !== undefined && compareKeys(row.key, last) === 0) continue;
        last = row.key;
        yield row;
      }
      if (count < rest.limit || last === undefined) return;
      rest = { ...from(rest, last, range.reverse), limit: Math.min(mostAtOnce, 4 * rest.limit) };
    }
  }

  /** Notes the gap at the beginning of rows on disk, unless a change was made since they were asked for. */
  private *noting(rows: Iterable<Entry<V>>, range: RowRange, changes: number): Generator<Entry<V>, void> {
    let isGap = true;
    for (const row of rows) {
      isGap &&= changes === this.changes;
      if (isGap) {
        this.noteGap(range, row.key);
        isGap = this.above.has(row.key);
      }
      yield row;
    }
  }

  /** The same range, without the gap at its beginning. */
  private afterGap(range: RowRange): RowRange {
    const gap = this.gapOf(range.reverse);
    if (gap === undefined || !isIn(gap, range.reverse ? range.to : range.from, range.reverse)) return range;
    return from(range, gap.last, range.reverse);
  }

  /** All rows on disk from the beginning of a range to before this key are overridden. */
  private noteGap(range: RowRange, last: Key): void {
    const { reverse } = range;
    const first = reverse ? range.to : range.from;
    const gap = this.gapOf(reverse);
    this.setGap(reverse, { first: gap !== undefined && isIn(gap, first, reverse) ? gap.first : first, last });
  }

  private gapOf(reverse: boolean): Gap | undefined {
    return this.gaps[reverse ? 1 : 0];
  }

  private setGap(reverse: boolean, gap: Gap | undefined): void {
    this.gaps[reverse ? 1 : 0] = gap;
  }
}

/** The part of a range from a key on. */
function from(range: RowRange, key: Key, reverse: boolean): RowRange {
  return reverse ? { ...range, to: key } : { ...range, from: key };
}

/** Returns whether a key, or the beginning of all keys, is in a gap. */
function isIn(gap: Gap | undefined, key: Key | undefined, reverse: boolean): boolean {
  if (gap === undefined) return false;
  const { first, last } = gap;
  if (key === undefined) return first === undefined;
  return (first === undefined || !isAfter(first, key, reverse)) && !isAfter(key, last, reverse);
}

function isAfter(key: Key, other: Key, reverse: boolean): boolean {
  const order = compareKeys(key, other);
  return reverse ? order < 0 : order > 0;
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
