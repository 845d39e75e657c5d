import type { Json } from '../../../base/json.js';
import { compareKeys } from '../../../expressions/key.js';
import { keyToJson } from '../../../expressions/key-json.js';
import type { Matching } from '../../../joins/matching/matching.js';
import type { NodeVector } from '../../resume/lane-vector.js';
import type { LaneEdge, LaneNode } from '../tree/lane-tree.js';
import type { CallRun } from './call-run.js';
import type { KeyColumn } from './key-column.js';
import { type Head, KeyedInput } from './keyed-input.js';
import type { HeldValues } from './numbered-on-column.js';

/** A group, or why it is not known yet. */
export type Collected = readonly object[] | 'need' | 'violation';

/** Whether there is a match, or why that is not known yet. */
export type Sought = 'match' | 'none' | 'need' | 'violation';

/** One child stream of a flat join: what it holds of it, by its way of matching, and what it reads. */
export abstract class FlatChild implements HeldValues {
  readonly node: LaneNode;
  readonly dropsWithMatch: boolean;
  readonly dropsWithoutMatch: boolean;
  readonly mayDrop: boolean;
  readonly gives: boolean;
  protected readonly matching: Matching;
  /** It has `on` as well: null equals nothing. */
  readonly hasOn: boolean;
  /** Its place among the master's edges. */
  protected readonly index: number;
  protected readonly input: KeyedInput;
  protected readonly column: KeyColumn;
  /** Where to read from, and the highest key before it, as `setMark` noted. */
  markFrom = 0;
  private markHigh: any = Number.NEGATIVE_INFINITY;

  constructor(edge: LaneEdge) {
    this.node = edge.child;
    this.dropsWithMatch = edge.dropsWithMatch;
    this.dropsWithoutMatch = edge.dropsWithoutMatch;
    this.mayDrop = edge.mayDrop;
    this.gives = edge.gives;
    this.matching = edge.matching;
    this.hasOn = edge.hasOn;
    this.index = edge.index;
    this.input = new KeyedInput(edge.child, this);
    this.column = this.input.columns[0] as KeyColumn;
    this.node.waitingElsewhere = () => this.unmatched;
    this.node.heldElsewhere = () => this.held;
  }

  /** Elements held. */
  abstract readonly held: number;

  /** Whether an element of the `on` value with this number is held. */
  abstract isHeld(number: number): boolean;

  /** Elements held that were in no group yet. */
  protected abstract readonly unmatched: number;

  /** Whether a master element with this key, and these `on` values, has a match. What is before is skipped. */
  abstract seek(left: any, on: unknown): Sought;

  /** The whole group of a master element. */
  abstract completeGroup(left: any, on: unknown): Collected;

  /**
   * Takes master elements as far as what is available of both says enough, and adds those that survive to the run. Only where
   * there is no other child; it may take none.
   */
  merge(_master: KeyedInput, _run: CallRun): void {}

  /** Whether what is held decides against every master element from this key on, when nothing more comes. */
  protected abstract decidesAgainst(lowestLeft: any): boolean;

  /** The position and the key of the oldest element held that a master element from this key on can ask for. */
  protected abstract oldest(lowestLeft: any): { readonly position: number; readonly key: any } | undefined;

  /** It can rule out master elements before its stream has ended. */
  get rulesOutEarly(): boolean {
    return this.dropsWithMatch && this.matching.endless;
  }

  /** No master element from this key on can survive this edge. */
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

  /** Notes where to read from while master keys from `floor` on can come. An element's own keys replace those before it. */
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

  /** Where to read from, as it was noted. */
  vector(): NodeVector {
    const { track } = this.column;
    return { from: this.markFrom, high: [keyToJson(track.show(this.markHigh) as any), ...firstsOf(this.node)] };
  }
}

/** Of each key of a node that needs no order the first: a restart asks for others of its type. */
export function firstsOf({ keys }: LaneNode): readonly Json[] {
  return keys.unordered.map((track) => keyToJson(track.show(track.domain.first) as any));
}
