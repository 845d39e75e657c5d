import { compareKeys } from '../../../expressions/key.js';
import { type Collected, FlatChild, noGroup, type Sought } from './flat-child.js';

/** A child stream joined on equal keys: it holds the group of one key. */
export class EqualChild extends FlatChild {
  /** Handed out as it is: equal master keys see the same group. */
  private group: readonly object[] = noGroup;
  private groupKey: any = Number.NEGATIVE_INFINITY;
  private groupFrom = -1;
  /** More elements of the group may come. */
  private isCollecting = false;

  protected get unmatched(): number {
    return this.isCollecting ? this.group.length : 0;
  }

  seek(left: any): Sought {
    if (compareKeys(this.groupKey, left) === 0) return 'match';
    for (;;) {
      const read = this.readHead();
      if (read !== 'head') return read === 'end' ? 'none' : read;
      const order = compareKeys(this.headKey, left);
      if (order > 0) return 'none';
      if (order === 0) break;
      this.head = undefined;
    }
    this.group = [this.head as unknown as object];
    this.groupKey = this.headKey;
    this.groupFrom = this.headPosition;
    this.isCollecting = true;
    this.head = undefined;
    return 'match';
  }

  collect(left: any): Collected {
    const found = this.seek(left);
    if (found === 'none') return noGroup;
    if (found !== 'match') return found;
    if (!this.isCollecting) return this.group;
    const group = this.group as object[];
    for (;;) {
      const read = this.readHead();
      if (read === 'need' || read === 'violation') return read;
      if (read === 'end' || compareKeys(this.headKey, this.groupKey) !== 0) break;
      group.push(this.head as object);
      this.head = undefined;
    }
    this.isCollecting = false;
    this.node.matched += group.length;
    return group;
  }

  protected decidesAgainst(lowestLeft: any): boolean {
    return this.mustMatch && compareKeys(this.groupKey, lowestLeft) < 0;
  }

  protected oldest(lowestLeft: any): { position: number; key: any } | undefined {
    if (this.groupFrom < 0 || compareKeys(this.groupKey, lowestLeft) < 0) return undefined;
    return { position: this.groupFrom, key: this.groupKey };
  }
}
