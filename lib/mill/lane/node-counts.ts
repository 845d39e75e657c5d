import type { NodeInput } from './input/node-input.js';
import { mostCalls } from './several-calls.js';

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
export function countsOf({ inbox, read, matched, passedOver, late }: NodeInput): NodeCounts {
  return { position: inbox.unread, read, matched, passedOver, late };
}

/**
 * The counts of a node when this many of its elements were taken and matched. `isOver`: then the lane was ended from
 * outside.
 */
export function countsAt(node: NodeInput, taken: number, matched: number, isOver: boolean): NodeCounts {
  const { late } = node;
  const read = node.readOf(taken);
  // Elements passed over by then are still passed over, and were neither matched nor late.
  const rest = read - matched - late;
  const passedOver = isOver ? rest : Math.min(node.passedOver, rest);
  return { position: node.inbox.unreadAfter(taken), read, matched, passedOver, late };
}

/** The lane is over: all elements that it took and are in no call are passed over. */
export function settleAll(nodes: readonly NodeInput[]): void {
  for (const node of nodes) node.isLaneOver = true;
}

/**
 * The counts of a lane's nodes at each call of an answer with several; at index 0, before the first. The lane is ahead
 * of the calls that are made, and a run may end between two of them.
 */
export class CallNotes {
  /** By node, then by call: the number of elements taken, and of those matched. */
  readonly taken: readonly Float64Array[];
  readonly matched: readonly Float64Array[];

  constructor(private readonly nodes: readonly NodeInput[]) {
    this.taken = nodes.map(() => new Float64Array(mostCalls + 2));
    this.matched = nodes.map(() => new Float64Array(mostCalls + 2));
    for (const { inbox } of nodes) inbox.keepsPassed = true;
  }

  /** Starts the notes of the next answer. `before`: the number of calls in the last one. */
  begin(before: number): void {
    const { nodes, taken, matched } = this;
    for (let i = 0; i < nodes.length; i++) {
      const { inbox } = nodes[i] as NodeInput;
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
      const node = nodes[i] as NodeInput;
      (taken[i] as Float64Array)[call] = node.inbox.taken;
      (matched[i] as Float64Array)[call] = node.matched;
    }
  }

  /** Notes the counts after a call where there is one node, of which this many elements are taken. */
  noteOne(call: number, taken: number): void {
    (this.taken[0] as Float64Array)[call] = taken;
    (this.matched[0] as Float64Array)[call] = (this.nodes[0] as NodeInput).matched;
  }

  /** The counts of a node after this many calls of the answer. */
  after(call: number, index: number, isOver: boolean): NodeCounts {
    const taken = this.taken[index]?.[call] as number;
    return countsAt(this.nodes[index] as NodeInput, taken, this.matchedAt(call, index), isOver);
  }

  /** The counts of a node after all calls of the answer: elements read since have led to no call. */
  afterAll(calls: number, index: number): NodeCounts {
    const node = this.nodes[index] as NodeInput;
    return countsAt(node, node.inbox.taken, this.matchedAt(calls, index), node.isLaneOver);
  }

  private matchedAt(call: number, index: number): number {
    return this.matched[index]?.[call] ?? 0;
  }
}
