import { compareKeys } from '../../../expressions/key.js';
import type { LaneEdge, LaneNode } from '../nodes/lane-tree.js';
import { type CallRun, noGroup } from './call-run.js';
import { type Collected, FlatChild, type Sought } from './flat-child.js';
import type { KeyColumn } from './key-column.js';
import { type Head, KeyedInput } from './keyed-input.js';
import { type HeldValues, noNumber } from './numbered-on-column.js';

/** The number of all elements without `on`. */
const only = 0;

/** An `on` value that no element has. */
const nobody = Symbol('nobody');

/** A child stream that holds a band of keys, by the numbers of its `on` values. */
export abstract class BandChild extends FlatChild implements HeldValues {
  /** The key of the last element held. */
  protected lastKey: any = Number.NEGATIVE_INFINITY;
  /** The borders of the band of a number, relative to the number. */
  private readonly lowest: number;
  private readonly highest: number;

  constructor(edge: LaneEdge) {
    super(edge);
    this.lowest = Number(edge.matching.low(0));
    this.highest = Number(edge.matching.high(0));
  }

  protected override makeInput(node: LaneNode): KeyedInput {
    return new KeyedInput(node, this);
  }

  abstract isHeld(number: number): boolean;

  /** Drops elements below the band. */
  protected abstract dropBelow(low: any): void;

  /** Holds an element whose `on` value has this number. */
  protected abstract hold(number: number, element: object, key: any, position: number): void;

  /** Returns the elements of the band whose value has this number. */
  protected abstract groupOf(number: number): readonly object[];

  seek(left: any, on: unknown): Sought {
    if (this.hasOn && on === undefined) return 'none';
    const low = this.matching.low(left);
    this.dropBelow(low);
    if (this.holds(on)) return 'match';
    const head = this.takeBand(low, this.matching.high(left), on);
    if (this.holds(on)) return 'match';
    return head === 'need' || head === 'violation' ? head : 'none';
  }

  completeGroup(left: any, on: unknown): Collected {
    if (this.hasOn && on === undefined) return noGroup;
    const low = this.matching.low(left);
    this.dropBelow(low);
    const head = this.takeBand(low, this.matching.high(left), nobody);
    return head === 'need' || head === 'violation' ? head : this.groupFor(on);
  }

  /** Returns the number of a master element's `on` value; undefined if no element with it is held. */
  private numberOf(on: unknown): number | undefined {
    return this.hasOn ? this.input.upOn?.find(on) : only;
  }

  private holds(on: unknown): boolean {
    const number = this.numberOf(on);
    return number !== undefined && this.isHeld(number);
  }

  private groupFor(on: unknown): readonly object[] {
    const number = this.numberOf(on);
    return number === undefined ? noGroup : this.groupOf(number);
  }

  /** Like `completeGroup` for consecutive master elements, in one loop over numbers. */
  override merge(master: KeyedInput, run: CallRun): void {
    const { input, column, hasOn } = this;
    const mayLack = !this.dropsWithoutMatch;
    if (!(this.hasGroups && input.isRead && master.isRead)) return;
    const lefts = (master.columns[0] as KeyColumn).keys;
    const rights = column.keys;
    if (!(lefts instanceof Float64Array && rights instanceof Float64Array)) return;
    const { lowest, highest, node } = this;
    run.beginMerge(master.node, node, 0);
    const { inbox, start: shift, end } = input;
    const { elements: masters, index: first } = master.inbox;
    const { start: masterShift, end: masterEnd } = master;
    const ons = master.ons[this.index]?.values;
    let at = inbox.index;
    let index = first;
    for (; index < masterEnd; index++) {
      const element = masters[index] as object;
      const on = ons === undefined ? undefined : ons[index - masterShift];
      let group = noGroup;
      if (!hasOn || on !== undefined) {
        const left = lefts[index - masterShift] as number;
        const low = left + lowest;
        const high = left + highest;
        this.dropBelow(low);
        while (at < end && (rights[at - shift] as number) < low) at++;
        const start = at;
        while (at < end && (rights[at - shift] as number) <= high) at++;
        if (at > start) this.takeStretch(start, at, rights);
        if (at === end) break;
        group = this.groupFor(on);
      }
      if (group === noGroup && !mayLack) continue;
      run.add(element, master.inbox.positionAt(index), group === noGroup ? [] : group, index + 1, at, node.matched);
      if (!run.isFull) continue;
      index++;
      break;
    }
    if (at > inbox.index) input.passTo(at);
    if (index > first) master.passTo(index);
  }

  /** Holds elements of the current batch, from index `from` to before `to`. */
  private takeStretch(from: number, to: number, rights: Float64Array): void {
    const { input } = this;
    const { start, inbox } = input;
    const { elements } = inbox;
    const { first, positions } = inbox.batch;
    const numbers = input.upOn?.numbers;
    for (let i = from; i < to; i++) {
      const number = numbers === undefined ? only : (numbers[i - start] as number);
      if (number === noNumber) continue;
      const position = positions === undefined ? first + i : (positions[i] as number);
      const key = rights[i - start] as number;
      this.hold(number, elements[i] as object, key, position);
      this.lastKey = key;
    }
  }

  /** Takes elements with keys up to `high`, until one with the `on` value `wanted`. Skips elements below `low`. */
  private takeBand(low: any, high: any, wanted: unknown): Head {
    const { input, column } = this;
    const { inbox } = input;
    for (;;) {
      const head = this.headFrom(low);
      if (head !== 'head') return head;
      const { keys } = column;
      const { start, end } = input;
      const { elements, index } = inbox;
      const numbers = input.upOn?.numbers;
      const sought = wanted === nobody ? undefined : this.numberOf(wanted);
      let isFound = false;
      let i = index;
      for (; !isFound && i < end && compareKeys(keys[i - start], high) <= 0; i++) {
        const number = numbers === undefined ? only : (numbers[i - start] as number);
        if (number === noNumber) continue;
        this.lastKey = keys[i - start];
        this.hold(number, elements[i] as object, this.lastKey, inbox.positionAt(i));
        isFound = number === sought;
      }
      if (i > index) input.passTo(i);
      if (isFound || i < end) return 'head';
    }
  }
}
