import { compareKeys } from '../../../expressions/key.js';
import { type Collected, FlatChild, noGroup, type Sought } from './flat-child.js';

/** An element that is the last with its `on` value. */
interface Latest {
  element: object;
  key: any;
  position: number;
  isMatched: boolean;
}

/** A child stream joined as of, backward: it holds the last element of each `on` value. */
export class AsOfBackwardChild extends FlatChild {
  /** Without `on` there is one, under `undefined`. */
  private readonly latest = new Map<unknown, Latest>();
  private lastKey: any = Number.NEGATIVE_INFINITY;
  /** How many were held when those out of reach were dropped last. */
  private sizeKept = 16;

  protected get unmatched(): number {
    let count = 0;
    for (const one of this.latest.values()) if (!one.isMatched) count++;
    return count;
  }

  seek(left: any, master: object): Sought {
    const on = this.on?.ofParent(master);
    if (this.on !== undefined && on === undefined) return 'none';
    const low = this.matching.low(left);
    this.trim(low);
    while (!this.reaches(on, low)) {
      const taken = this.takeUpTo(left, low);
      if (taken === 'taken') continue;
      return taken === 'beyond' ? 'none' : taken;
    }
    return 'match';
  }

  collect(left: any, master: object): Collected {
    const on = this.on?.ofParent(master);
    if (this.on !== undefined && on === undefined) return noGroup;
    const low = this.matching.low(left);
    this.trim(low);
    for (;;) {
      const taken = this.takeUpTo(left, low);
      if (taken === 'beyond') break;
      if (taken !== 'taken') return taken;
    }
    if (!this.reaches(on, low)) return noGroup;
    const latest = this.latest.get(on) as Latest;
    if (!latest.isMatched) {
      latest.isMatched = true;
      this.node.matched++;
    }
    return [latest.element];
  }

  private reaches(on: unknown, low: any): boolean {
    const latest = this.latest.get(on);
    return latest !== undefined && compareKeys(latest.key, low) >= 0;
  }

  /** Takes one element with a key of at most `left`; one below `low` is passed over. */
  private takeUpTo(left: any, low: any): 'taken' | 'beyond' | 'need' | 'violation' {
    const read = this.readHead();
    if (read !== 'head') return read === 'end' ? 'beyond' : read;
    if (compareKeys(this.headKey, left) > 0) return 'beyond';
    const element = this.head as object;
    this.head = undefined;
    if (compareKeys(this.headKey, low) < 0) return 'taken';
    const on = this.on?.ofChild(element);
    if (this.on !== undefined && on === undefined) return 'taken';
    const latest = this.latest.get(on);
    if (latest === undefined) {
      this.latest.set(on, { element, key: this.headKey, position: this.headPosition, isMatched: false });
    } else {
      latest.element = element;
      latest.key = this.headKey;
      latest.position = this.headPosition;
      latest.isMatched = false;
    }
    this.lastKey = this.headKey;
    return 'taken';
  }

  /** Drops those out of reach when there may be many of them. */
  private trim(low: any): void {
    if (this.latest.size > 2 * this.sizeKept) this.dropBelow(low);
  }

  private dropBelow(low: any): void {
    for (const [on, { key }] of this.latest) if (compareKeys(key, low) < 0) this.latest.delete(on);
    this.sizeKept = Math.max(16, this.latest.size);
  }

  protected decidesAgainst(lowestLeft: any): boolean {
    // A match without a lower end lasts for ever: after it an anti edge fails every master element.
    if (this.kind === 'anti') {
      return this.matching.endless && this.on === undefined && this.latest.size > 0 && this.isBehind(lowestLeft);
    }
    return this.latest.size === 0 || compareKeys(this.lastKey, this.matching.low(lowestLeft)) < 0;
  }

  private isBehind(lowestLeft: any): boolean {
    return compareKeys(this.lastKey, lowestLeft) <= 0;
  }

  protected oldest(lowestLeft: any): { position: number; key: any } | undefined {
    this.dropBelow(this.matching.low(lowestLeft));
    let oldest: Latest | undefined;
    for (const one of this.latest.values()) {
      if (oldest === undefined || one.position < oldest.position) oldest = one;
    }
    return oldest;
  }
}
