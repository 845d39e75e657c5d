import { compareKeys } from '../../../expressions/key.js';
import type { EdgeSpec } from '../lane-spec.js';
import type { LaneEdge } from '../lane-tree.js';
import { type CallRun, noGroup } from './call-run.js';
import { type Collected, FlatChild, type Sought } from './flat-child.js';
import type { KeyedInput } from './keyed-input.js';
import { mergeNumbersOf, newMerge } from './merge-numbers.js';

/** Nobody adds to it. */
const nothing: object[] = [];

/** A child stream joined on equal keys: it holds the group of one key. */
export class EqualChild extends FlatChild {
  /** Handed out as it is: equal master keys see the same group. */
  private group: object[] = [];
  private groupKey: any = Number.NEGATIVE_INFINITY;
  private groupFrom = -1;
  /** More elements of the group may come. */
  private isCollecting = false;
  private readonly spec: EdgeSpec;
  private readonly merging = newMerge();

  constructor(edge: LaneEdge) {
    super(edge);
    this.spec = edge.parent.spec.edges[edge.index] as EdgeSpec;
  }

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

  /** The same as `collect` and `seek` for one master element after the other, in one loop over numbers. */
  override merge(master: KeyedInput, run: CallRun): void {
    const { input, merging } = this;
    if (this.isCollecting || master.inbox.isEmpty || input.inbox.isEmpty) return;
    if (!(master.hasNumbers && input.hasNumbers)) return;
    master.lend(merging.master);
    input.lend(merging.child);
    merging.first = master.inbox.batch.first;
    merging.positions = master.inbox.batch.positions;
    merging.group = this.group;
    merging.groupKey = this.groupKey;
    merging.groupAt = -1;
    merging.matched = 0;
    mergeNumbersOf(this.spec)(merging, run);
    this.group = merging.group;
    this.groupKey = merging.groupKey;
    if (merging.groupAt >= 0) this.groupFrom = input.inbox.positionAt(merging.groupAt);
    this.node.matched += merging.matched;
    merging.group = nothing;
    merging.positions = undefined;
    master.takeBack(merging.master);
    input.takeBack(merging.child);
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
