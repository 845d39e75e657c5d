import { compareKeys } from '../../../expressions/key.js';
import { type Collected, FlatChild, noGroup, type Sought } from './flat-child.js';

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
export class WithinChild extends FlatChild {
  /** Without `on` there is one, under `undefined`. */
  private readonly buckets = new Map<unknown, Bucket>();
  /** The same elements in stream order, from `start` on: their buckets and positions. */
  private order: Bucket[] = [];
  private positions: number[] = [];
  private start = 0;
  private lastKey: any = Number.NEGATIVE_INFINITY;

  protected get unmatched(): number {
    let count = 0;
    for (const { elements, start, matched } of this.buckets.values())
      count += elements.length - Math.max(start, matched);
    return count;
  }

  seek(left: any, master: object): Sought {
    const on = this.on?.ofParent(master);
    if (this.on !== undefined && on === undefined) return 'none';
    const low = this.matching.low(left);
    const high = this.matching.high(left);
    this.dropBelow(low);
    while (!this.buckets.has(on)) {
      const taken = this.takeUpTo(low, high);
      if (taken === 'taken') continue;
      return taken === 'beyond' ? 'none' : taken;
    }
    return 'match';
  }

  collect(left: any, master: object): Collected {
    const on = this.on?.ofParent(master);
    if (this.on !== undefined && on === undefined) return noGroup;
    const low = this.matching.low(left);
    const high = this.matching.high(left);
    this.dropBelow(low);
    for (;;) {
      const taken = this.takeUpTo(low, high);
      if (taken === 'beyond') break;
      if (taken !== 'taken') return taken;
    }
    const bucket = this.buckets.get(on);
    if (bucket === undefined) return noGroup;
    const { elements, start } = bucket;
    this.node.matched += elements.length - Math.max(start, bucket.matched);
    bucket.matched = elements.length;
    return elements.slice(start);
  }

  /** Takes one element with a key of at most `high`; one below `low` is passed over. */
  private takeUpTo(low: any, high: any): 'taken' | 'beyond' | 'need' | 'violation' {
    const read = this.readHead();
    if (read !== 'head') return read === 'end' ? 'beyond' : read;
    if (compareKeys(this.headKey, high) > 0) return 'beyond';
    const element = this.head as object;
    this.head = undefined;
    if (compareKeys(this.headKey, low) < 0) return 'taken';
    const on = this.on?.ofChild(element);
    if (this.on !== undefined && on === undefined) return 'taken';
    let bucket = this.buckets.get(on);
    if (bucket === undefined) {
      bucket = { on, elements: [], keys: [], start: 0, matched: 0 };
      this.buckets.set(on, bucket);
    }
    bucket.elements.push(element);
    bucket.keys.push(this.headKey);
    this.order.push(bucket);
    this.positions.push(this.headPosition);
    this.lastKey = this.headKey;
    return 'taken';
  }

  /** Drops what lies below the band: in stream order, and so at the front of each bucket. */
  private dropBelow(low: any): void {
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
