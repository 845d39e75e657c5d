import type { Json } from '../../../base/json.js';
import { compareKeys } from '../../../expressions/key.js';
import { keyToJson } from '../../../expressions/key-json.js';
import type { Matching } from '../../../joins/matching/matching.js';
import type { NodeVector } from '../../resume/lane-vector.js';
import type { LaneEdge, LaneNode } from '../nodes/lane-tree.js';
import type { CallRun } from './call-run.js';
import type { KeyColumn } from './key-column.js';
import { type Head, KeyedInput } from './keyed-input.js';

/** A group, or the reason why it is not known yet. */
export type Collected = readonly object[] | 'need' | 'violation';

/** Whether there is a match, or the reason why that is not known yet. */
export type Sought = 'match' | 'none' | 'need' | 'violation';

/** A child stream of a flat join: its input, and the elements held for its way of matching. */
export abstract class FlatChild {
  readonly node: LaneNode;
  readonly dropsWithMatch: boolean;
  readonly dropsWithoutMatch: boolean;
  readonly mayDrop: boolean;
  readonly hasGroups: boolean;
  protected readonly matching: Matching;
  /** The edge has `on` as well. Null equals nothing. */
  readonly hasOn: boolean;
  /** The index among the edges of the master. */
  protected readonly index: number;
  protected readonly input: KeyedInput;
  protected readonly column: KeyColumn;
  /** The position to read again from, and the highest key before it, as of the last `setMark`. */
  markFrom = 0;
  private markHigh: any = Number.NEGATIVE_INFINITY;

  constructor(edge: LaneEdge) {
    this.node = edge.child;
    this.dropsWithMatch = edge.dropsWithMatch;
    this.dropsWithoutMatch = edge.dropsWithoutMatch;
    this.mayDrop = edge.mayDrop;
    this.hasGroups = edge.hasGroups;
    this.matching = edge.matching;
    this.hasOn = edge.hasOn;
    this.index = edge.index;
    this.input = this.makeInput(edge.child);
    this.column = this.input.columns[0] as KeyColumn;
    this.node.unsettledElsewhere = () => this.unmatched;
    this.node.heldElsewhere = () => this.held;
  }

  /** Called by the constructor. */
  protected makeInput(node: LaneNode): KeyedInput {
    return new KeyedInput(node);
  }

  /** The number of elements held. */
  abstract readonly held: number;

  /** The number of elements held that were in no group yet. */
  protected abstract readonly unmatched: number;

  /** Returns whether a master element with this key and these `on` values has a match. Skips elements before. */
  abstract seek(left: any, on: unknown): Sought;

  /** Returns the whole group of a master element. */
  abstract completeGroup(left: any, on: unknown): Collected;

  /**
   * Decides master elements as long as the available elements of both streams suffice, and adds the surviving ones to
   * the run. Only called if there is no other child. It may decide none.
   */
  merge(_master: KeyedInput, _run: CallRun): void {}

  /** Returns whether the held elements drop every master element from this key on, if no more arrive. */
  protected abstract decidesAgainst(lowestLeft: any): boolean;

  /** Returns the position and the key of the oldest held element that a master element from this key on can need. */
  protected abstract oldest(lowestLeft: any): { readonly position: number; readonly key: any } | undefined;

  /** The child can drop all further master elements before its stream has ended. */
  get rulesOutEarly(): boolean {
    return this.dropsWithMatch && this.matching.endless;
  }

  /** Returns whether this edge drops every master element from this key on. */
  rulesOut(lowestLeft: any): boolean {
    if (this.dropsWithMatch) return this.decidesAgainst(lowestLeft);
    if (!this.dropsWithoutMatch) return false;
    return this.node.sourceEnded && this.node.inbox.isEmpty && this.decidesAgainst(lowestLeft);
  }

  /** Passes over elements with keys below `low`. */
  protected headFrom(low: any): Head {
    const { input, column } = this;
    for (;;) {
      const head = input.head();
      if (head !== 'head') return head;
      const { keys } = column;
      const { start, end } = input;
      const { index } = input.inbox;
      let i = index;
      while (i < end && compareKeys(keys[i - start], low) < 0) i++;
      if (i > index) input.passTo(i);
      if (i < end) return 'head';
    }
  }

  protected get headKey(): any {
    return this.column.keys[this.input.inbox.index - this.input.start];
  }

  /**
   * Sets the point to read again from for master keys from `floor` on. The keys of an element at that point stand for
   * the highest ones before it.
   */
  setMark(floor: any): void {
    const oldest = floor === Number.POSITIVE_INFINITY ? undefined : this.oldest(floor);
    if (oldest !== undefined) {
      this.markFrom = oldest.position;
      this.markHigh = oldest.key;
    } else {
      this.markFrom = this.node.inbox.unread;
      this.markHigh = this.input.high(this.column);
    }
  }

  /** Returns the point to read again from, as of the last `setMark`. */
  vector(): NodeVector {
    const { track } = this.column;
    return { from: this.markFrom, high: [keyToJson(track.show(this.markHigh) as any), ...firstsOf(this.node)] };
  }
}

/** Returns the first value of each unordered key of a node. A restart requires others to have its type. */
export function firstsOf({ keys }: LaneNode): readonly Json[] {
  return keys.unordered.map((track) => keyToJson(track.show(track.domain.first) as any));
}
