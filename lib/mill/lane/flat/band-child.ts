import { compareKeys } from '../../../expressions/key.js';
import type { LaneEdge } from '../tree/lane-tree.js';
import { type CallRun, noGroup } from './call-run.js';
import { type Collected, FlatChild, type Sought } from './flat-child.js';
import type { KeyColumn } from './key-column.js';
import type { Head, KeyedInput } from './keyed-input.js';

/** An `on` value that no element has. */
const nobody = Symbol('nobody');

/** A child stream of which a band is held, from a lowest to a highest key, by `on` values; without `on` there is one, undefined. */
export abstract class BandChild extends FlatChild {
  /** The key of the last element held. */
  protected lastKey: any = Number.NEGATIVE_INFINITY;
  /** Where the band of a number begins and ends, seen from it. */
  private readonly lowest: number;
  private readonly highest: number;

  constructor(edge: LaneEdge) {
    super(edge);
    this.lowest = Number(edge.matching.low(0));
    this.highest = Number(edge.matching.high(0));
  }

  /** Drops elements below the band. */
  protected abstract dropBelow(low: any): void;

  protected abstract hold(on: unknown, element: object, key: any, position: number): void;

  /** Whether there is an element with this `on` value in the band. */
  protected abstract holds(on: unknown): boolean;

  /** All that a master element with this `on` value has of the band. */
  protected abstract groupOf(on: unknown): readonly object[];

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
    return head === 'need' || head === 'violation' ? head : this.groupOf(on);
  }

  /** The same as `completeGroup` for one master element after the other, in one loop over numbers. */
  override merge(master: KeyedInput, run: CallRun): void {
    const { input, column, hasOn } = this;
    const mayLack = !this.dropsWithoutMatch;
    if (!(this.gives && input.isRead && master.isRead)) return;
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
        group = this.groupOf(on);
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

  /** Holds elements of the current batch, from an index on and before another. */
  private takeStretch(from: number, to: number, rights: Float64Array): void {
    const { input, hasOn } = this;
    const { elements } = input.inbox;
    const ons = input.upOn?.values;
    const { first, positions } = input.inbox.batch;
    for (let i = from; i < to; i++) {
      const element = elements[i] as object;
      const value = ons === undefined ? undefined : ons[i - input.start];
      if (hasOn && value === undefined) continue;
      const key = rights[i - input.start] as number;
      const position = positions === undefined ? first + i : (positions[i] as number);
      this.hold(value, element, key, position);
      this.lastKey = key;
    }
  }

  /** Holds an element of the band, unless there is a null in its `on` values, which equals nothing. Returns these. */
  private take(element: object, on: unknown, key: any, position: number): unknown {
    if (this.hasOn && on === undefined) return nobody;
    this.lastKey = key;
    this.hold(on, element, key, position);
    return on;
  }

  /** Takes elements with keys of at most `high`, up to one with this `on` value; those below `low` are skipped. */
  private takeBand(low: any, high: any, wanted: unknown): Head {
    const { input, column } = this;
    const { inbox } = input;
    for (;;) {
      const head = this.headFrom(low);
      if (head !== 'head') return head;
      const { keys } = column;
      const { start, end } = input;
      const { elements, index } = inbox;
      const ons = input.upOn?.values;
      let isFound = false;
      let i = index;
      for (; !isFound && i < end && compareKeys(keys[i - start], high) <= 0; i++) {
        const on = this.take(elements[i] as object, ons?.[i - start], keys[i - start], inbox.positionAt(i));
        isFound = on === wanted && on !== nobody;
      }
      if (i > index) input.passTo(i);
      if (isFound || i < end) return 'head';
    }
  }
}
