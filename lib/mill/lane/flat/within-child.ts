import { compareKeys } from '../../../expressions/key.js';
import { BandChild } from './band-child.js';
import { noGroup } from './call-run.js';

/** The elements of the band with one `on` value, in stream order from index `start` on. */
interface Bucket {
  /** The number of the value. */
  readonly number: number;
  elements: object[];
  start: number;
  /** The index up to which elements were in a group. */
  matched: number;
}

/**
 * A child stream joined within an interval. It holds the elements of the band by their `on` values, so that elements
 * that `on` excludes do not slow down a group.
 */
export class WithinChild extends BandChild {
  /** By the number of the value; undefined if none of its elements is held. */
  private readonly buckets: (Bucket | undefined)[] = [];
  /**
   * The same elements in stream order, from index `start` to before `end`: their buckets, keys and positions. The
   * arrays only grow: when they are full and three quarters of the slots are free, the elements move to the front.
   */
  private readonly order: (Bucket | undefined)[] = [];
  private readonly keys: any[] = [];
  private readonly positions: number[] = [];
  private start = 0;
  private end = 0;

  get held(): number {
    return this.end - this.start;
  }

  protected get unmatched(): number {
    let count = 0;
    for (const bucket of this.buckets) {
      if (bucket !== undefined) count += bucket.elements.length - Math.max(bucket.start, bucket.matched);
    }
    return count;
  }

  protected hold(number: number, element: object, key: any, position: number): void {
    const { buckets } = this;
    while (buckets.length <= number) buckets.push(undefined);
    let bucket = buckets[number];
    if (bucket === undefined) {
      bucket = { number, elements: [element], start: 0, matched: 0 };
      buckets[number] = bucket;
    } else {
      bucket.elements.push(element);
    }
    if (this.end === this.order.length && this.start * 4 >= this.end * 3) this.moveToFront();
    const { end } = this;
    this.order[end] = bucket;
    this.keys[end] = key;
    this.positions[end] = position;
    this.end = end + 1;
  }

  private moveToFront(): void {
    const { order, keys, positions, start } = this;
    const size = this.end - start;
    for (let i = 0; i < size; i++) {
      order[i] = order[start + i];
      order[start + i] = undefined;
      keys[i] = keys[start + i];
      positions[i] = positions[start + i] as number;
    }
    this.start = 0;
    this.end = size;
  }

  isHeld(number: number): boolean {
    return this.buckets[number] !== undefined;
  }

  protected groupOf(number: number): readonly object[] {
    const bucket = this.buckets[number];
    if (bucket === undefined) return noGroup;
    const { elements, start } = bucket;
    this.node.matched += elements.length - Math.max(start, bucket.matched);
    bucket.matched = elements.length;
    return elements.slice(start);
  }

  /** Drops the elements below the band. They are first in stream order, and so at the front of their buckets. */
  protected dropBelow(low: any): void {
    const { order, keys, end } = this;
    let { start } = this;
    for (; start < end && compareKeys(keys[start], low) < 0; start++) {
      const bucket = order[start] as Bucket;
      order[start] = undefined;
      bucket.start++;
      if (bucket.start === bucket.elements.length) this.buckets[bucket.number] = undefined;
      else if (bucket.start > 64 && bucket.start * 2 > bucket.elements.length) compact(bucket);
    }
    this.start = start;
  }

  protected decidesAgainst(lowestLeft: any): boolean {
    if (!this.dropsWithoutMatch) return false;
    return this.start === this.end || compareKeys(this.lastKey, this.matching.low(lowestLeft)) < 0;
  }

  protected oldest(lowestLeft: any): { position: number; key: any } | undefined {
    this.dropBelow(this.matching.low(lowestLeft));
    const { start } = this;
    return start === this.end ? undefined : { position: this.positions[start] as number, key: this.keys[start] };
  }
}

function compact(bucket: Bucket): void {
  const { elements, start } = bucket;
  elements.copyWithin(0, start);
  elements.length -= start;
  bucket.matched = Math.max(0, bucket.matched - start);
  bucket.start = 0;
}
