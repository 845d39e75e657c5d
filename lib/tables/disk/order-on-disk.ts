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
/** A table may contain several queues, and be asked for other rows in between. */
const mostGaps = 8;

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
  /** The gaps that ranges found last, ascending and in reverse. */
  private readonly gaps: [up: Gap[], down: Gap[]] = [[], []];
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
    for (const reverse of [false, true]) {
      const gaps = this.gapsOf(reverse);
      for (let i = gaps.length - 1; i >= 0; i--) if (isIn(gaps[i] as Gap, key, reverse)) gaps.splice(i, 1);
    }
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
    let isFirst = true;
    for (const row of rows) {
      isGap &&= changes === this.changes;
      if (isGap) {
        this.noteGap(range, row.key, isFirst);
        isGap = this.above.has(row.key);
        isFirst = false;
      }
      yield row;
    }
  }

  /** The same range, without the gap at its beginning. */
  private afterGap(range: RowRange): RowRange {
    const { reverse } = range;
    const gap = this.gapsOf(reverse)[this.gapAt(range)];
    return gap === undefined ? range : from(range, gap.last, reverse);
  }

  /**
   * All rows on disk from the beginning of a range to before this key are overridden. `isEmpty`: there are none, unless
   * this continues a gap.
   */
  private noteGap(range: RowRange, last: Key, isEmpty: boolean): void {
    const gaps = this.gapsOf(range.reverse);
    const at = this.gapAt(range);
    if (at < 0 && isEmpty) return;
    const first = at < 0 ? beginningOf(range) : gaps.splice(at, 1)[0]?.first;
    gaps.push({ first, last });
    if (gaps.length > mostGaps) gaps.shift();
  }

  /** The index of the gap that a range begins in; -1 if there is none. */
  private gapAt(range: RowRange): number {
    const beginning = beginningOf(range);
    return this.gapsOf(range.reverse).findLastIndex((gap) => isIn(gap, beginning, range.reverse));
  }

  private gapsOf(reverse: boolean): Gap[] {
    return this.gaps[reverse ? 1 : 0];
  }
}

function beginningOf({ reverse, from, to }: RowRange): Key | undefined {
  return reverse ? to : from;
}

/** The part of a range from a key on. */
function from(range: RowRange, key: Key, reverse: boolean): RowRange {
  return reverse ? { ...range, to: key } : { ...range, from: key };
}

/** Returns whether a key, or the beginning of all keys, is in a gap. */
function isIn({ first, last }: Gap, key: Key | undefined, reverse: boolean): boolean {
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
