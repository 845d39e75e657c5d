import { compareKeys } from '../../../expressions/key.js';
import { BandChild } from './band-child.js';
import { noGroup } from './call-run.js';

/** An element that is the last with its `on` value. */
interface Latest {
  element: object;
  key: any;
  position: number;
  isMatched: boolean;
}

/** A child stream joined as of, backward: it holds the last element of each `on` value. */
export class AsOfBackwardChild extends BandChild {
  private readonly latest = new Map<unknown, Latest>();
  /** How many were held when those out of reach were dropped last. */
  private sizeKept = 16;

  protected get unmatched(): number {
    let count = 0;
    for (const one of this.latest.values()) if (!one.isMatched) count++;
    return count;
  }

  /** Those out of reach are dropped when there may be many of them. */
  protected dropBelow(low: any): void {
    if (this.latest.size > 2 * this.sizeKept) this.dropAllBelow(low);
  }

  private dropAllBelow(low: any): void {
    this.latest.forEach((latest, on) => {
      if (compareKeys(latest.key, low) < 0) this.latest.delete(on);
    });
    this.sizeKept = Math.max(16, this.latest.size);
  }

  protected hold(on: unknown, element: object, key: any, position: number): void {
    const latest = this.latest.get(on);
    if (latest === undefined) {
      this.latest.set(on, { element, key, position, isMatched: false });
    } else {
      latest.element = element;
      latest.key = key;
      latest.position = position;
      latest.isMatched = false;
    }
  }

  protected holds(on: unknown, low: any): boolean {
    return this.inReach(on, low) !== undefined;
  }

  protected groupOf(on: unknown, low: any): readonly object[] {
    const latest = this.inReach(on, low);
    if (latest === undefined) return noGroup;
    if (!latest.isMatched) {
      latest.isMatched = true;
      this.node.matched++;
    }
    return [latest.element];
  }

  private inReach(on: unknown, low: any): Latest | undefined {
    const latest = this.latest.get(on);
    return latest !== undefined && compareKeys(latest.key, low) >= 0 ? latest : undefined;
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
    this.dropAllBelow(this.matching.low(lowestLeft));
    let oldest: Latest | undefined;
    for (const one of this.latest.values()) {
      if (oldest === undefined || one.position < oldest.position) oldest = one;
    }
    return oldest;
  }
}
