import { compareKeys, type Key } from '../expressions/key.js';

/** The options of a range. */
export interface OrderedRange {
  readonly from?: unknown;
  readonly to?: unknown;
  readonly reverse?: boolean;
  readonly limit?: number;
}

/** A run of entries in the order of their keys. Only its owner may change it: views share it. */
interface Chunk<V> {
  readonly keys: Key[];
  readonly values: V[];
  readonly owner: number;
}

const fullChunk = 256;

/**
 * An ordered map from keys to values. `range` is a snapshot: chunks that a snapshot may still use are copied before
 * they change, so a snapshot only costs a list of chunks; a short one is copied.
 */
export class OrderedMap<V> {
  private readonly chunks: Chunk<V>[] = [];
  private owner = 0;

  /** `entries` must be in the order of keys. */
  constructor(entries: readonly (readonly [Key, V])[] = []) {
    for (let i = 0; i < entries.length; i += fullChunk / 2) {
      const some = entries.slice(i, i + fullChunk / 2);
      this.chunks.push({ keys: some.map(([key]) => key), values: some.map(([, value]) => value), owner: this.owner });
    }
  }

  has(key: Key): boolean {
    if (this.chunks.length === 0) return false;
    const { keys } = this.chunks[this.chunkOf(key)] as Chunk<V>;
    const at = lowest(keys, key);
    return at < keys.length && compareKeys(keys[at], key) === 0;
  }

  set(key: Key, value: V): void {
    if (this.chunks.length === 0) {
      this.chunks.push({ keys: [key], values: [value], owner: this.owner });
      return;
    }
    const place = this.chunkOf(key);
    const { keys, values } = this.ownChunk(place);
    const at = lowest(keys, key);
    if (at < keys.length && compareKeys(keys[at], key) === 0) {
      values[at] = value;
      return;
    }
    keys.splice(at, 0, key);
    values.splice(at, 0, value);
    if (keys.length < fullChunk) return;
    // Ascending insertions leave full chunks.
    const half = at === keys.length - 1 && place === this.chunks.length - 1 ? keys.length - 1 : keys.length >> 1;
    this.chunks.splice(place + 1, 0, { keys: keys.splice(half), values: values.splice(half), owner: this.owner });
  }

  delete(key: Key): void {
    if (this.chunks.length === 0) return;
    const place = this.chunkOf(key);
    const found = this.chunks[place] as Chunk<V>;
    const at = lowest(found.keys, key);
    if (at === found.keys.length || compareKeys(found.keys[at], key) !== 0) return;
    const { keys, values } = this.ownChunk(place);
    keys.splice(at, 1);
    values.splice(at, 1);
    if (keys.length === 0) this.chunks.splice(place, 1);
  }

  /** The values between two keys, both included, as of now. */
  range({ from, to, reverse = false, limit = Number.POSITIVE_INFINITY }: OrderedRange): Iterable<V> {
    const low = from === undefined ? { chunk: 0, at: 0 } : this.placeOf(from, 0);
    const high = to === undefined ? { chunk: this.chunks.length, at: 0 } : this.placeOf(to, 1);
    const walk = (chunks: readonly Chunk<V>[]) => (reverse ? down(chunks, low, high) : up(chunks, low, high));
    if (limit <= fullChunk) return firstOf(walk(this.chunks), limit);
    // From here on, every chunk is shared with the snapshot.
    this.owner++;
    const chunks = this.chunks.slice();
    return { [Symbol.iterator]: () => take(walk(chunks), limit) };
  }

  /** The first place at a key or, if `after` is 1, after it. */
  private placeOf(key: unknown, after: 0 | 1): Place {
    if (this.chunks.length === 0) return { chunk: 0, at: 0 };
    const chunk = this.chunkOf(key);
    const { keys } = this.chunks[chunk] as Chunk<V>;
    const at = lowest(keys, key);
    return { chunk, at: after === 1 && at < keys.length && compareKeys(keys[at], key) === 0 ? at + 1 : at };
  }

  /** The last chunk that starts at or before a key; otherwise the first one. */
  private chunkOf(key: unknown): number {
    let low = 0;
    let high = this.chunks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (compareKeys((this.chunks[middle] as Chunk<V>).keys[0], key) <= 0) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  private ownChunk(place: number): Chunk<V> {
    const chunk = this.chunks[place] as Chunk<V>;
    if (chunk.owner === this.owner) return chunk;
    const own = { keys: chunk.keys.slice(), values: chunk.values.slice(), owner: this.owner };
    this.chunks[place] = own;
    return own;
  }
}

interface Place {
  readonly chunk: number;
  readonly at: number;
}

/** Makes an ordered map from items in any order; items without a value are left out. */
export function orderedMapOf<I extends { readonly key: Key }, V>(
  items: Iterable<I>,
  value: (item: I) => V | undefined,
): OrderedMap<V> {
  const entries: [Key, V][] = [];
  for (const item of items) {
    const held = value(item);
    if (held !== undefined) entries.push([item.key, held]);
  }
  return new OrderedMap(entries.sort(([a], [b]) => compareKeys(a, b)));
}

/** The index of the first key that is not below this one. */
function lowest(keys: readonly unknown[], key: unknown): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compareKeys(keys[middle], key) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function* up<V>(chunks: readonly Chunk<V>[], low: Place, high: Place): Generator<V, void> {
  for (let chunk = low.chunk; chunk < chunks.length && chunk <= high.chunk; chunk++) {
    const { values } = chunks[chunk] as Chunk<V>;
    const end = chunk === high.chunk ? high.at : values.length;
    for (let at = chunk === low.chunk ? low.at : 0; at < end; at++) yield values[at] as V;
  }
}

function* down<V>(chunks: readonly Chunk<V>[], low: Place, high: Place): Generator<V, void> {
  for (let chunk = Math.min(high.chunk, chunks.length - 1); chunk >= low.chunk; chunk--) {
    const { values } = chunks[chunk] as Chunk<V>;
    const end = chunk === low.chunk ? low.at : 0;
    for (let at = (chunk === high.chunk ? high.at : values.length) - 1; at >= end; at--) yield values[at] as V;
  }
}

function* take<V>(values: Iterable<V>, limit: number): Generator<V, void> {
  let left = limit;
  for (const value of values) {
    if (left-- <= 0) return;
    yield value;
  }
}

function firstOf<V>(values: Generator<V>, limit: number): V[] {
  const first: V[] = [];
  if (limit <= 0) return first;
  for (const value of values) if (first.push(value) >= limit) break;
  return first;
}
