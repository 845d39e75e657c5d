import { compareKeys } from '../../../expressions/key.js';
import type { LaneEdge } from '../lane-tree.js';
import { type CallRun, noGroup } from './call-run.js';
import { type Collected, FlatChild, type Sought } from './flat-child.js';
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

  /** Lets go of what lies below the band, or of as much of it as pays. */
  protected abstract dropBelow(low: any): void;

  protected abstract hold(on: unknown, element: object, key: any, position: number): void;

  /** Whether there is an element with this `on` value in the band. */
  protected abstract holds(on: unknown, low: any): boolean;

  /** All that a master element with this `on` value has of the band. */
  protected abstract groupOf(on: unknown, low: any): readonly object[];

  seek(left: any, master: object): Sought {
    const on = this.on?.ofParent(master);
    if (this.on !== undefined && on === undefined) return 'none';
    const low = this.matching.low(left);
    this.dropBelow(low);
    if (this.holds(on, low)) return 'match';
    const head = this.takeBand(low, this.matching.high(left), on);
    if (this.holds(on, low)) return 'match';
    return head === 'need' || head === 'violation' ? head : 'none';
  }

  collect(left: any, master: object): Collected {
    const on = this.on?.ofParent(master);
    if (this.on !== undefined && on === undefined) return noGroup;
    const low = this.matching.low(left);
    this.dropBelow(low);
    const head = this.takeBand(low, this.matching.high(left), nobody);
    return head === 'need' || head === 'violation' ? head : this.groupOf(on, low);
  }

  /** The same as `collect` for one master element after the other, in one loop over numbers. */
  override merge(master: KeyedInput, lefts: ArrayLike<any>, run: CallRun): void {
    const { input, column, kind } = this;
    const rights = column.keys;
    if (!(this.gives && lefts instanceof Float64Array && rights instanceof Float64Array)) return;
    const { lowest, highest } = this;
    const { inbox, start: shift } = input;
    const masters = master.inbox.elements;
    const masterShift = master.start;
    let at = inbox.index;
    let index = master.inbox.index;
    for (; index < master.end && !run.isFull; index++) {
      const element = masters[index] as object;
      const on = this.on?.ofParent(element);
      let group = noGroup;
      if (this.on === undefined || on !== undefined) {
        const left = lefts[index - masterShift] as number;
        this.dropBelow(left + lowest);
        while (at < input.end && (rights[at - shift] as number) <= left + highest) {
          const key = rights[at - shift] as number;
          if (key >= left + lowest) this.take(inbox.elements[at] as object, key, inbox.positionAt(at));
          at++;
        }
        if (at === input.end) break;
        group = this.groupOf(on, left + lowest);
      }
      if (group !== noGroup || kind === 'left') run.add(element, master.inbox.positionAt(index), group);
    }
    if (at > inbox.index) input.passTo(at);
    if (index > master.inbox.index) master.passTo(index);
  }

  /** Holds an element of the band, unless there is a null in its `on` values, which equals nothing. Gives these. */
  private take(element: object, key: any, position: number): unknown {
    const on = this.on?.ofChild(element);
    if (this.on !== undefined && on === undefined) return nobody;
    this.lastKey = key;
    this.hold(on, element, key, position);
    return on;
  }

  /** Takes elements with keys of at most `high`, up to one with this `on` value; those below `low` are passed over. */
  private takeBand(low: any, high: any, wanted: unknown): Head {
    const { input, column } = this;
    const { inbox } = input;
    for (;;) {
      const head = this.headFrom(low);
      if (head !== 'head') return head;
      const { keys } = column;
      const { start, end } = input;
      const { elements, index } = inbox;
      let isFound = false;
      let i = index;
      for (; !isFound && i < end && compareKeys(keys[i - start], high) <= 0; i++) {
        const on = this.take(elements[i] as object, keys[i - start], inbox.positionAt(i));
        isFound = on === wanted && on !== nobody;
      }
      if (i > index) input.passTo(i);
      if (isFound || i < end) return 'head';
    }
  }
}
