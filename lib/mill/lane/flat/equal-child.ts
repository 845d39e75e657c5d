import { compareKeys } from '../../../expressions/key.js';
import { type CallRun, noGroup } from './call-run.js';
import { type Collected, FlatChild, type Sought } from './flat-child.js';
import type { KeyedInput } from './keyed-input.js';

/** A child stream joined on equal keys: it holds the group of one key. */
export class EqualChild extends FlatChild {
  /** Handed out as it is: equal master keys see the same group. */
  private group: object[] = [];
  private groupKey: any = Number.NEGATIVE_INFINITY;
  private groupFrom = -1;
  /** More elements of the group may come. */
  private isCollecting = false;

  protected get unmatched(): number {
    return this.isCollecting ? this.group.length : 0;
  }

  seek(left: any): Sought {
    if (compareKeys(this.groupKey, left) === 0) return 'match';
    const head = this.headFrom(left);
    if (head !== 'head') return head === 'end' ? 'none' : head;
    if (compareKeys(this.headKey, left) > 0) return 'none';
    const { inbox } = this.input;
    this.group = [];
    this.groupKey = left;
    this.groupFrom = inbox.position;
    this.isCollecting = this.gives;
    return 'match';
  }

  collect(left: any): Collected {
    const found = this.seek(left);
    if (found === 'none') return noGroup;
    if (found !== 'match') return found;
    if (!this.isCollecting) return this.group;
    const more = this.takeGroup();
    if (more === 'need' || more === 'violation') return more;
    this.isCollecting = false;
    this.node.matched += this.group.length;
    return this.group;
  }

  /**
   * The same as `collect` and `seek` for one master element after the other, in one loop over numbers. It stops before a
   * group that is not whole in this stretch.
   */
  override merge(master: KeyedInput, lefts: ArrayLike<any>, run: CallRun): void {
    const { input, column, kind, gives, mustMatch } = this;
    const rights = column.keys;
    if (!(lefts instanceof Float64Array && rights instanceof Float64Array) || this.isCollecting) return;
    const { elements } = input.inbox;
    const { elements: masters, index: first } = master.inbox;
    const { first: firstPosition, positions } = master.inbox.batch;
    const { start: masterShift, end: masterEnd } = master;
    const { start: shift, end } = input;
    let { groupKey, group } = this;
    let at = input.inbox.index;
    let index = first;
    for (; index < masterEnd; index++) {
      const left = lefts[index - masterShift] as number;
      let isMatch = left === groupKey;
      if (!isMatch) {
        while (at < end && (rights[at - shift] as number) < left) at++;
        if (at === end) break;
        isMatch = rights[at - shift] === left;
        if (isMatch) {
          let after = at + 1;
          if (gives) {
            while (after < end && rights[after - shift] === left) after++;
            if (after === end) break;
            group = after - at === 1 ? [elements[at] as object] : elements.slice(at, after);
            this.node.matched += group.length;
          }
          this.groupFrom = input.inbox.positionAt(at);
          groupKey = left;
          if (gives) at = after;
        }
      }
      if (isMatch ? kind === 'anti' : mustMatch) continue;
      const position = positions === undefined ? firstPosition + index : (positions[index] as number);
      run.add(masters[index] as object, position, isMatch && gives ? group : noGroup);
      if (!run.isFull) continue;
      index++;
      break;
    }
    this.group = group;
    this.groupKey = groupKey;
    if (at > input.inbox.index) input.passTo(at);
    if (index > first) master.passTo(index);
  }

  /** Takes all of the group that there is. */
  private takeGroup(): 'head' | 'end' | 'need' | 'violation' {
    const { input, column, groupKey } = this;
    const { inbox } = input;
    for (;;) {
      const head = input.head();
      if (head !== 'head') return head;
      const { keys } = column;
      const { start, end } = input;
      const { elements, index } = inbox;
      let i = index;
      for (; i < end && compareKeys(keys[i - start], groupKey) === 0; i++) {
        // A literal has room for one, an array that was pushed into for seventeen.
        if (this.group.length === 0) this.group = [elements[i] as object];
        else this.group.push(elements[i] as object);
      }
      if (i > index) input.passTo(i);
      if (i < end) return 'head';
    }
  }

  protected decidesAgainst(lowestLeft: any): boolean {
    return this.mustMatch && (this.groupFrom < 0 || compareKeys(this.groupKey, lowestLeft) < 0);
  }

  protected oldest(lowestLeft: any): { position: number; key: any } | undefined {
    if (this.groupFrom < 0 || compareKeys(this.groupKey, lowestLeft) < 0) return undefined;
    return { position: this.groupFrom, key: this.groupKey };
  }
}
