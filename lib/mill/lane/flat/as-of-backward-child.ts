import { compareKeys } from '../../../expressions/key.js';
import { BandChild } from './band-child.js';
import { noGroup } from './call-run.js';

/** An element that is the last with its `on` value, between those that came before and after it and are so, too. */
interface Latest {
  readonly on: unknown;
  element: object;
  key: any;
  position: number;
  isMatched: boolean;
  before: Latest | undefined;
  after: Latest | undefined;
}

/** A child stream joined as of, backward: it holds the last element of each `on` value, in stream order. */
export class AsOfBackwardChild extends BandChild {
  private readonly latest = new Map<unknown, Latest>();
  private first: Latest | undefined;
  private last: Latest | undefined;

  protected get held(): number {
    return this.latest.size;
  }

  protected get unmatched(): number {
    let count = 0;
    for (const one of this.latest.values()) if (!one.isMatched) count++;
    return count;
  }

  protected dropBelow(low: any): void {
    for (let { first } = this; first !== undefined && compareKeys(first.key, low) < 0; first = this.first) {
      this.latest.delete(first.on);
      this.unlink(first);
    }
  }

  protected hold(on: unknown, element: object, key: any, position: number): void {
    let latest = this.latest.get(on);
    if (latest === undefined) {
      latest = { on, element, key, position, isMatched: false, before: undefined, after: undefined };
      this.latest.set(on, latest);
      this.append(latest);
      return;
    }
    latest.element = element;
    latest.key = key;
    latest.position = position;
    latest.isMatched = false;
    if (latest === this.last) return;
    this.unlink(latest);
    this.append(latest);
  }

  private append(latest: Latest): void {
    const { last } = this;
    latest.before = last;
    latest.after = undefined;
    if (last === undefined) this.first = latest;
    else last.after = latest;
    this.last = latest;
  }

  private unlink({ before, after }: Latest): void {
    if (before === undefined) this.first = after;
    else before.after = after;
    if (after === undefined) this.last = before;
    else after.before = before;
  }

  protected holds(on: unknown): boolean {
    return this.latest.has(on);
  }

  protected groupOf(on: unknown): readonly object[] {
    const latest = this.latest.get(on);
    if (latest === undefined) return noGroup;
    if (!latest.isMatched) {
      latest.isMatched = true;
      this.node.matched++;
    }
    return [latest.element];
  }

  protected decidesAgainst(lowestLeft: any): boolean {
    // A match without a lower end lasts forever: after it an anti edge fails every master element.
    if (this.dropsWithMatch) {
      return this.matching.endless && !this.hasOn && this.latest.size > 0 && this.isBehind(lowestLeft);
    }
    return this.latest.size === 0 || compareKeys(this.lastKey, this.matching.low(lowestLeft)) < 0;
  }

  private isBehind(lowestLeft: any): boolean {
    return compareKeys(this.lastKey, lowestLeft) <= 0;
  }

  protected oldest(lowestLeft: any): { position: number; key: any } | undefined {
    this.dropBelow(this.matching.low(lowestLeft));
    return this.first;
  }
}
