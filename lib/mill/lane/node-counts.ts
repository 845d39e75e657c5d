import { mostCalls } from './several-calls.js';
import type { LaneNode } from './tree/lane-tree.js';

/** What a lane has done with the elements of one node. */
export interface NodeCounts {
  /** The position from which everything is unread. */
  readonly position: number;
  readonly read: number;
  /** In a group or, of the master, in a call. */
  readonly matched: number;
  /** In neither, and nothing can match them any longer. */
  readonly passedOver: number;
  readonly late: number;
}

/** The state of a node's elements up to now. */
export function countsOf({ inbox, read, matched, passedOver, late }: LaneNode): NodeCounts {
  return { position: inbox.unread, read, matched, passedOver, late };
}

/**
 * How far the nodes of a lane had come when each of several calls was added, and at 0 before the first: the lane is ahead
 * of the calls that are made, and a run may end between two of them.
 */
export class CallNotes {
  /** By node, then by call: elements taken, and those of them that were matched. */
  readonly taken: readonly Float64Array[];
  readonly matched: readonly Float64Array[];

  constructor(private readonly nodes: readonly LaneNode[]) {
    this.taken = nodes.map(() => new Float64Array(mostCalls + 2));
    this.matched = nodes.map(() => new Float64Array(mostCalls + 2));
    for (const { inbox } of nodes) inbox.keepsPassed = true;
  }

  /** The first of several calls comes next; this many of those before were added. */
  begin(before: number): void {
    const { nodes, taken, matched } = this;
    for (let i = 0; i < nodes.length; i++) {
      const { inbox } = nodes[i] as LaneNode;
      inbox.forgetPassed();
      (taken[i] as Float64Array)[0] = inbox.taken;
      // Not what the node has matched since, for a call that is not added yet.
      (matched[i] as Float64Array)[0] = (matched[i] as Float64Array)[before] as number;
    }
  }

  /** Notes the state after another call. */
  note(call: number): void {
    const { nodes, taken, matched } = this;
    for (let i = 0; i < nodes.length; i++) {
      const node = nodes[i] as LaneNode;
      (taken[i] as Float64Array)[call] = node.inbox.taken;
      (matched[i] as Float64Array)[call] = node.matched;
    }
  }

  /** Calls from one on and up to another are added, each for one element more of the only node. */
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

  /** The state of a node's elements when this many of the calls were added. */
  after(call: number, index: number): NodeCounts {
    return this.counts(this.nodes[index] as LaneNode, this.taken[index]?.[call] as number, this.matched[index]?.[call]);
  }

  /** The same when all calls, this many, are made: what was read since has led to none. */
  afterAll(calls: number, index: number): NodeCounts {
    const node = this.nodes[index] as LaneNode;
    return this.counts(node, node.read, this.matched[index]?.[calls]);
  }

  private counts(node: LaneNode, read: number, matched = 0): NodeCounts {
    const { late } = node;
    // Elements skipped by then are skipped now, and were neither matched nor late.
    const passedOver = Math.min(node.passedOver, read - matched - late);
    return { position: node.inbox.unreadAfter(read), read, matched, passedOver, late };
  }
}
