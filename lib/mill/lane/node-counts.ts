import { mostCalls } from './several-calls.js';
import type { LaneNode } from './tree/lane-tree.js';

/** The counts of one node's elements. */
export interface NodeCounts {
  /** The position of the first unread element. */
  readonly position: number;
  readonly read: number;
  /** Elements in a group or, for the master, in a call. */
  readonly matched: number;
  /** Elements in neither, which cannot match any more. */
  readonly passedOver: number;
  readonly late: number;
}

/** The current counts of a node. */
export function countsOf({ inbox, read, matched, passedOver, late }: LaneNode): NodeCounts {
  return { position: inbox.unread, read, matched, passedOver, late };
}

/**
 * The counts of a lane's nodes at each call of an answer with several; at index 0, before the first. The lane is ahead
 * of the calls that are made, and a run may end between two of them.
 */
export class CallNotes {
  /** By node, then by call: the number of elements taken, and of those matched. */
  readonly taken: readonly Float64Array[];
  readonly matched: readonly Float64Array[];

  constructor(private readonly nodes: readonly LaneNode[]) {
    this.taken = nodes.map(() => new Float64Array(mostCalls + 2));
    this.matched = nodes.map(() => new Float64Array(mostCalls + 2));
    for (const { inbox } of nodes) inbox.keepsPassed = true;
  }

  /** Starts the notes of the next answer. `before`: the number of calls in the last one. */
  begin(before: number): void {
    const { nodes, taken, matched } = this;
    for (let i = 0; i < nodes.length; i++) {
      const { inbox } = nodes[i] as LaneNode;
      inbox.forgetPassed();
      (taken[i] as Float64Array)[0] = inbox.taken;
      // Not the current count: it includes elements of a call that is not added yet.
      (matched[i] as Float64Array)[0] = (matched[i] as Float64Array)[before] as number;
    }
  }

  /** Notes the counts after a call. */
  note(call: number): void {
    const { nodes, taken, matched } = this;
    for (let i = 0; i < nodes.length; i++) {
      const node = nodes[i] as LaneNode;
      (taken[i] as Float64Array)[call] = node.inbox.taken;
      (matched[i] as Float64Array)[call] = node.matched;
    }
  }

  /** Notes the counts after a call where there is one node, of which this many elements are taken. */
  noteOne(call: number, taken: number): void {
    (this.taken[0] as Float64Array)[call] = taken;
    (this.matched[0] as Float64Array)[call] = (this.nodes[0] as LaneNode).matched;
  }

  /** Notes the counts after each of the calls `from` to `to`, which took one more element of the only node each. */
  noteEach(from: number, to: number): void {
    const { inbox, matched } = this.nodes[0] as LaneNode;
    const takenAt = this.taken[0] as Float64Array;
    const matchedAt = this.matched[0] as Float64Array;
    const all = inbox.taken;
    for (let call = from; call <= to; call++) {
      takenAt[call] = all - (to - call);
      matchedAt[call] = matched - (to - call);
    }
  }

  /** The counts of a node after this many calls of the answer. */
  after(call: number, index: number): NodeCounts {
    return this.counts(this.nodes[index] as LaneNode, this.taken[index]?.[call] as number, this.matched[index]?.[call]);
  }

  /** The counts of a node after all calls of the answer: elements read since have led to no call. */
  afterAll(calls: number, index: number): NodeCounts {
    const node = this.nodes[index] as LaneNode;
    return this.counts(node, node.read, this.matched[index]?.[calls]);
  }

  private counts(node: LaneNode, read: number, matched = 0): NodeCounts {
    const { late } = node;
    // Elements passed over by then are still passed over, and were neither matched nor late.
    const passedOver = Math.min(node.passedOver, read - matched - late);
    return { position: node.inbox.unreadAfter(read), read, matched, passedOver, late };
  }
}
