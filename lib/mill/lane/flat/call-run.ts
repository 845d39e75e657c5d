import type { CallNotes } from '../node-counts.js';
import { mostCalls, SeveralCalls } from '../several-calls.js';
import type { LaneNode } from '../tree/lane-tree.js';

/** The limit of elements in the groups of a run: it stays small compared to the group of one call. */
const mostMembers = 128;

/** The group of an element without a match. */
export const noGroup: readonly object[] = Object.freeze([]);

const nothing: object = Object.freeze({});

/** A master element with its groups. */
export class RunRow {
  element: object = nothing;
  position = -1;
  readonly groups: (readonly object[])[];

  constructor(groups: number) {
    this.groups = new Array(groups).fill(noGroup);
  }
}

/** Calls about consecutive master elements. */
export class CallRun extends SeveralCalls {
  readonly rows: RunRow[];
  /** The counts of the master and of the only child at each call, if a merge adds calls. */
  private readonly masterTaken: Float64Array;
  private readonly masterMatched: Float64Array;
  private readonly childTaken: Float64Array;
  private readonly childMatched: Float64Array;
  /** The numbers of elements taken and matched before the merge started to count. */
  private masterBase = 0;
  private childBase = 0;
  private matchedBase = 0;

  constructor(
    private readonly master: LaneNode,
    groups: number,
    /** The position of the master element of the last call before a restart. Calls up to it are skipped. */
    private doneBefore: number,
    private readonly notes: CallNotes,
  ) {
    super(mostMembers);
    [this.masterTaken, this.childTaken] = notes.taken as [Float64Array, Float64Array];
    [this.masterMatched, this.childMatched] = notes.matched as [Float64Array, Float64Array];
    this.rows = Array.from({ length: mostCalls + 1 }, () => new RunRow(groups));
  }

  /** The row for the next call. */
  get free(): RunRow {
    return this.rows[this.count] as RunRow;
  }

  /** The position of the last call that was made. */
  get lastDone(): number {
    return this.done > 0 ? (this.rows[this.done - 1] as RunRow).position : this.doneBefore;
  }

  /** Adds the free row: a surviving master element with its groups. */
  addFree(): void {
    this.master.matched++;
    const { groups, position } = this.free;
    if (position > this.doneBefore) {
      for (let i = 0; i < groups.length; i++) this.held += (groups[i] as readonly object[]).length;
      this.count++;
    }
    this.notes.note(this.count);
  }

  /** Starts a merge, which counts from the indexes of both batches, and matched child elements from `matched`. */
  beginMerge(master: LaneNode, child: LaneNode, matched: number): void {
    this.masterBase = master.inbox.taken - master.inbox.index;
    this.childBase = child.inbox.taken - child.inbox.index;
    this.matchedBase = matched;
  }

  /**
   * Adds a surviving master element with its only group, if rows have one, and the state after it: the indexes in both
   * batches, and the number of matched child elements.
   */
  add(
    element: object,
    position: number,
    group: readonly object[],
    masterTo: number,
    childTo: number,
    matched: number,
  ): void {
    const row = this.rows[this.count] as RunRow;
    row.element = element;
    row.position = position;
    if (row.groups.length > 0) row.groups[0] = group;
    this.master.matched++;
    if (position > this.doneBefore) {
      this.held += group.length;
      this.count++;
    }
    const call = this.count;
    this.masterTaken[call] = this.masterBase + masterTo;
    this.masterMatched[call] = this.master.matched;
    this.childTaken[call] = this.childBase + childTo;
    this.childMatched[call] = this.matchedBase + matched;
  }

  /** Drops the references to elements. The free row stays the same, since an element may be in progress in it. */
  clear(): void {
    const { rows, count, free } = this;
    for (let i = 0; i < count; i++) {
      const { groups } = rows[i] as RunRow;
      for (let group = 0; group < groups.length; group++) groups[group] = noGroup;
    }
    this.notes.begin(count);
    this.doneBefore = this.lastDone;
    rows[count] = rows[0] as RunRow;
    rows[0] = free;
    this.reset();
  }
}
