import { compareKeys } from '../../../expressions/key.js';
import { BandChild } from './band-child.js';
import { noGroup } from './call-run.js';

/** The elements of the band with one `on` value, in stream order from `start` on. */
interface Bucket {
  readonly on: unknown;
  elements: object[];
  keys: any[];
  start: number;
  /** Up to which index elements were in a group. */
  matched: number;
}

/**
 * A child stream joined within an interval: it holds the elements inside the band, by their `on` values, so that a group
 * costs nothing for what `on` excludes.
 */
export class WithinChild extends BandChild {
  private readonly buckets = new Map<unknown, Bucket>();
  /** The same elements in stream order, from `start` on: their buckets and positions. */
  private order: Bucket[] = [];
  private positions: number[] = [];
  private start = 0;

  protected get unmatched(): number {
    let count = 0;
    for (const { elements, start, matched } of this.buckets.values())
      count += elements.length - Math.max(start, matched);
    return count;
  }

  protected hold(on: unknown, element: object, key: any, position: number): void {
    let bucket = this.buckets.get(on);
    if (bucket === undefined) {
      bucket = { on, elements: [], keys: [], start: 0, matched: 0 };
      this.buckets.set(on, bucket);
    }
    bucket.elements.push(element);
    bucket.keys.push(key);
    this.order.push(bucket);
    this.positions.push(position);
  }

  protected holds(on: unknown): boolean {
    return this.buckets.has(on);
  }

  protected groupOf(on: unknown): readonly object[] {
    const bucket = this.buckets.get(on);
    if (bucket === undefined) return noGroup;
    const { elements, start } = bucket;
    this.node.matched += elements.length - Math.max(start, bucket.matched);
    bucket.matched = elements.length;
    return elements.slice(start);
  }

  /** Drops what lies below the band: in stream order, and so at the front of each bucket. */
  protected dropBelow(low: any): void {
    const { order } = this;
    while (this.start < order.length) {
      const bucket = order[this.start] as Bucket;
      if (compareKeys(bucket.keys[bucket.start], low) >= 0) break;
      this.start++;
      bucket.start++;
      if (bucket.start === bucket.elements.length) this.dropBucket(bucket);
      else if (bucket.start > 64 && bucket.start * 2 > bucket.elements.length) compact(bucket);
    }
    if (this.start > 1024 && this.start * 2 > order.length) {
      this.order = order.slice(this.start);
      this.positions = this.positions.slice(this.start);
      this.start = 0;
    }
  }

  /** `order` still refers to it for a while: its elements must not live as long. */
  private dropBucket(bucket: Bucket): void {
    this.buckets.delete(bucket.on);
    bucket.elements = nothing;
    bucket.keys = nothing;
  }

  protected decidesAgainst(lowestLeft: any): boolean {
    return this.mustMatch && compareKeys(this.lastKey, this.matching.low(lowestLeft)) < 0;
  }

  protected oldest(lowestLeft: any): { position: number; key: any } | undefined {
    this.dropBelow(this.matching.low(lowestLeft));
    const bucket = this.order[this.start];
    return bucket && { position: this.positions[this.start] as number, key: bucket.keys[bucket.start] };
  }
}

const nothing: any[] = [];

function compact(bucket: Bucket): void {
  bucket.elements = bucket.elements.slice(bucket.start);
  bucket.keys = bucket.keys.slice(bucket.start);
  bucket.matched = Math.max(0, bucket.matched - bucket.start);
  bucket.start = 0;
}
