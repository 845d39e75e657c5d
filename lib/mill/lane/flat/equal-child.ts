import { compareKeys } from '../../../expressions/key.js';
import type { EdgeSpec } from '../lane-spec.js';
import type { LaneEdge } from '../nodes/lane-tree.js';
import { nothing } from './batch-slice.js';
import { type CallRun, noGroup } from './call-run.js';
import { type Collected, FlatChild, type Sought } from './flat-child.js';
import type { KeyedInput } from './keyed-input.js';
import { mergeNumbersOf, newMerge } from './merge-numbers.js';

/** A child stream joined on equal keys. It holds the group of one key. */
export class EqualChild extends FlatChild {
  /**
   * The group is in an array that is never passed to a call, from index `from` to before `to`: the child's batch, or a
   * separate one. Each master element gets a copy, since a call may change its arrays.
   */
  private members: readonly object[] = nothing;
  private from = 0;
  private to = 0;
  private isOwn = false;
  private groupKey: any = Number.NEGATIVE_INFINITY;
  private groupFrom = -1;
  /** More elements of the group may arrive. */
  private isCollecting = false;
  private readonly spec: EdgeSpec;
  private readonly merging = newMerge();

  constructor(edge: LaneEdge) {
    super(edge);
    this.spec = edge.parent.spec.edges[edge.index] as EdgeSpec;
  }

  get held(): number {
    return this.to - this.from;
  }

  protected get unmatched(): number {
    return this.isCollecting ? this.to - this.from : 0;
  }

  seek(left: any): Sought {
    if (compareKeys(this.groupKey, left) === 0) return 'match';
    this.clearGroup();
    const head = this.headFrom(left);
    if (head !== 'head') return head === 'end' ? 'none' : head;
    if (compareKeys(this.headKey, left) > 0) return 'none';
    const { inbox } = this.input;
    this.groupKey = left;
    this.groupFrom = inbox.position;
    this.isCollecting = this.hasGroups;
    return 'match';
  }

  completeGroup(left: any): Collected {
    const found = this.seek(left);
    if (found === 'none') return noGroup;
    if (found !== 'match') return found;
    if (!this.isCollecting) return this.ownGroup();
    const more = this.takeGroup();
    if (more === 'need' || more === 'violation') return more;
    this.isCollecting = false;
    this.node.matched += this.to - this.from;
    return this.ownGroup();
  }

  /** Returns a copy of the group. Most groups have one element: a literal has capacity for just that. */
  private ownGroup(): object[] {
    const { members, from, to } = this;
    return to - from === 1 ? [members[from] as object] : members.slice(from, to);
  }

  /** Like `completeGroup` and `seek` for consecutive master elements, in one loop over numbers. */
  override merge(master: KeyedInput, run: CallRun): void {
    const { input, merging } = this;
    if (master.inbox.isEmpty || input.inbox.isEmpty) return;
    if (!(master.hasNumbers && input.hasNumbers)) return;
    run.beginMerge(master.node, this.node, this.node.matched);
    master.lend(merging.master);
    input.lend(merging.child);
    merging.first = master.inbox.batch.first;
    merging.positions = master.inbox.batch.positions;
    merging.members = this.members;
    merging.from = this.from;
    merging.to = this.to;
    merging.groupKey = this.groupKey;
    merging.groupAt = -1;
    merging.matched = 0;
    mergeNumbersOf(this.spec)(merging, run);
    this.members = merging.members;
    this.from = merging.from;
    this.to = merging.to;
    this.groupKey = merging.groupKey;
    if (merging.groupAt >= 0) {
      this.groupFrom = input.inbox.positionAt(merging.groupAt);
      this.isOwn = false;
    }
    this.node.matched += merging.matched;
    merging.members = nothing;
    merging.positions = undefined;
    master.takeBack(merging.master);
    input.takeBack(merging.child);
    this.leaveBatch();
  }

  /** Takes all available elements of the group. */
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
      while (i < end && compareKeys(keys[i - start], groupKey) === 0) i++;
      if (i > index) {
        this.take(elements, index, i);
        input.passTo(i);
        this.leaveBatch();
      }
      if (i < end) return 'head';
    }
  }

  /** Adds elements of the current batch to the group. */
  private take(elements: readonly object[], from: number, to: number): void {
    if (this.to === this.from) {
      this.members = elements;
      this.from = from;
      this.to = to;
      this.isOwn = false;
      return;
    }
    this.makeOwn();
    const members = this.members as object[];
    for (let i = from; i < to; i++) members.push(elements[i] as object);
    this.to = members.length;
  }

  private clearGroup(): void {
    this.members = nothing;
    this.from = 0;
    this.to = 0;
  }

  /** Copies the group if its batch is done, so that it does not keep the batch in memory. */
  private leaveBatch(): void {
    if (this.members !== this.input.inbox.elements) this.makeOwn();
  }

  private makeOwn(): void {
    if (this.isOwn) return;
    this.members = this.ownGroup();
    this.to -= this.from;
    this.from = 0;
    this.isOwn = true;
  }

  protected decidesAgainst(lowestLeft: any): boolean {
    return this.dropsWithoutMatch && (this.groupFrom < 0 || compareKeys(this.groupKey, lowestLeft) < 0);
  }

  protected oldest(lowestLeft: any): { position: number; key: any } | undefined {
    if (this.groupFrom < 0 || compareKeys(this.groupKey, lowestLeft) < 0) return undefined;
    return { position: this.groupFrom, key: this.groupKey };
  }
}
