import type { ElementCalls } from '../answer.js';
import type { CallNotes } from '../node-counts.js';
import type { LaneNode } from '../nodes/lane-tree.js';
import { mostCalls, SeveralCalls } from '../several-calls.js';

/** The limit of elements in the groups of a run: it stays small compared to the group of one call. */
const mostMembers = 128;

/** The group of an element without a match. */
export const noGroup: readonly object[] = Object.freeze([]);

const nothing: object = Object.freeze({});

/** A master element, and its groups as far as they are complete. */
export class MasterRow {
  element: object = nothing;
  position = -1;
  readonly groups: (readonly object[])[];

  constructor(groups: number) {
    this.groups = new Array(groups).fill(noGroup);
  }
}

/** Calls about consecutive master elements. */
export class CallRun extends SeveralCalls implements ElementCalls {
  readonly elements: object[] = new Array(mostCalls).fill(nothing);
  readonly start = 0;
  private readonly positions: number[] = new Array(mostCalls).fill(-1);
  /** By child that has groups, then by call. */
  readonly groups: readonly (readonly object[])[][];
  /** The groups of the only child, if it has groups. */
  private readonly onlyGroups: (readonly object[])[] | undefined;
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
    this.groups = Array.from({ length: groups }, () => new Array(mostCalls).fill(noGroup));
    if (groups === 1) this.onlyGroups = this.groups[0];
  }

  positionOf(call: number): number {
    return this.positions[call] as number;
  }

  /** The position of the last call that was made. */
  get lastDone(): number {
    return this.done > 0 ? this.positionOf(this.done - 1) : this.doneBefore;
  }

  /** Adds a surviving master element, and moves its groups here. */
  addMaster({ element, position, groups }: MasterRow): void {
    const { count } = this;
    this.master.matched++;
    if (position > this.doneBefore) {
      this.elements[count] = element;
      this.positions[count] = position;
      for (let i = 0; i < groups.length; i++) {
        const group = groups[i] as readonly object[];
        (this.groups[i] as (readonly object[])[])[count] = group;
        this.held += group.length;
        groups[i] = noGroup;
      }
      this.count = count + 1;
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
    const { onlyGroups, count } = this;
    this.elements[count] = element;
    this.positions[count] = position;
    if (onlyGroups !== undefined) onlyGroups[count] = group;
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

  /** Drops the groups, which may be large. */
  clear(): void {
    const { groups, count } = this;
    for (let i = 0; i < groups.length; i++) (groups[i] as (readonly object[])[]).fill(noGroup, 0, count);
    this.notes.begin(count);
    this.doneBefore = this.lastDone;
    this.reset();
  }
}
