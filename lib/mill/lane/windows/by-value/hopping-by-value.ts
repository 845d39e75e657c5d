import { identityOf } from '../../../../expressions/key-identity.js';
import type { HoppingDescription } from '../../../../joins/windows/window-kinds.js';
import { type AlignedBorders, alignedBorders } from '../aligned-borders.js';
import type { CalledWindow } from '../called-window.js';
import type { Run } from '../run.js';
import { WindowBuffer } from '../window-buffer.js';
import type { OldestElement, Windows, WindowsGiven } from '../windows.js';
import { Chain, Link } from './chain.js';
import { foldIntoEach } from './fold-into-each.js';
import { ValueWindow } from './value-window.js';

/**
 * Windows [start, start + size) that overlap. Windows with the same borders close together, in the order of their last
 * elements: each waiting value has an element in the next of them.
 */
export class HoppingByValue implements Windows {
  private readonly values = new Map<unknown, HoppingValue>();
  private readonly byLast = new Chain<HoppingValue>();
  private readonly borders: AlignedBorders;
  /** The number of the windows that close next, their start and their end. Only valid if a value waits. */
  private number: any;
  private startKey: any;
  private endKey: any;
  /** The first elements of the open windows of all values. Each begins the windows up to a number. */
  private readonly begun: { readonly last: any; readonly first: OldestElement }[] = [];
  /** The value that is called next, while the windows of one end are being called. */
  private closing: Link<HoppingValue> | undefined = undefined;
  private waiting = 0;

  constructor(
    private readonly given: WindowsGiven,
    description: HoppingDescription,
  ) {
    this.borders = alignedBorders(description);
  }

  private get isEmpty(): boolean {
    return this.values.size === 0;
  }

  private turnTo(number: any): void {
    this.number = number;
    this.startKey = this.borders.startOf(number);
    this.endKey = this.borders.endOf(number);
    while (this.begun.length > 0 && (this.begun[0] as { last: any }).last < number) this.begun.shift();
  }

  take(run: Run): CalledWindow | undefined {
    const { keys } = run;
    while (run.at < run.end) {
      const call = this.close(keys[run.at]);
      if (call !== undefined) return call;
      this.add(run, run.at);
      run.at++;
    }
    return undefined;
  }

  private add(run: Run, at: number): void {
    const key = run.keys[at];
    const id = identityOf(run.values[at]);
    const known = this.values.get(id);
    const value = known ?? new HoppingValue(id, this.given, this.borders);
    const last = this.borders.lastFrom(key);
    const number = this.isEmpty ? this.borders.firstOver(key) : this.number;
    value.take(run, at, number, last);
    if (this.isEmpty) this.turnTo(number);
    this.waiting++;
    const begun = this.begun.at(-1);
    if (begun === undefined || begun.last < last) this.begun.push({ last, first: oldestOf(run, at) });
    if (known !== undefined) {
      this.byLast.moveToEnd(known.byLast);
      return;
    }
    this.values.set(id, value);
    this.byLast.append(value.byLast);
  }

  close(key: any): CalledWindow | undefined {
    return this.closing !== undefined || (!this.isEmpty && this.endKey <= key) ? this.callNext() : undefined;
  }

  end(): CalledWindow | undefined {
    return this.isEmpty ? undefined : this.callNext();
  }

  private callNext(): CalledWindow {
    const link = this.closing ?? (this.byLast.firstLink as Link<HoppingValue>);
    const value = link.of;
    const called = value.call(this.startKey, this.endKey);
    this.waiting -= called.fresh;
    this.closing = link.after;
    const next = this.borders.nextOf(this.number);
    value.drop(this.borders.startOf(next));
    if (value.size === 0) {
      this.values.delete(value.id);
      this.byLast.remove(link);
    }
    if (this.closing === undefined) this.turnTo(next);
    return called;
  }

  timeout(): undefined {}

  held(): number {
    let held = 0;
    for (const value of this.values.values()) held += value.size;
    return held;
  }

  uncalled(): number {
    return this.waiting;
  }

  oldest(): OldestElement | undefined {
    return this.isEmpty ? undefined : this.begun[0]?.first;
  }
}

function oldestOf(run: Run, at: number): OldestElement {
  return { position: run.positionAt(at), key: run.keys[at], orderKey: run.orderKeyAt(at), row: run.rowAt(at) };
}

/** The elements of one value in open windows, each once, or an accumulator per window. */
class HoppingValue {
  readonly byLast = new Link<HoppingValue>(this);
  private readonly held: WindowBuffer | undefined;
  private readonly windows: ValueWindow[] = [];
  private uncalled = 0;
  private last = -1;
  private lastOrderKey: any = undefined;

  constructor(
    readonly id: unknown,
    private readonly given: WindowsGiven,
    private readonly borders: AlignedBorders,
  ) {
    if (given.fold === undefined) this.held = new WindowBuffer(given.keepsRows, given.slot);
  }

  /** The number of elements or accumulators held. */
  get size(): number {
    return this.held === undefined ? this.windows.length : this.held.size;
  }

  /** Takes an element of windows up to `last`. The first of them to be called is `number`. */
  take(run: Run, at: number, number: any, last: any): void {
    const { held } = this;
    if (held === undefined) this.fold(run, at, number, last);
    else held.push(run, at, run.elementAt(at));
    this.uncalled++;
    this.last = run.positionAt(at);
    this.lastOrderKey = run.orderKeyAt(at);
  }

  private fold(run: Run, at: number, number: any, last: any): void {
    const { windows, borders } = this;
    const begun = windows.at(-1);
    let next = begun === undefined ? number : borders.nextOf(begun.number);
    for (; next <= last; next = borders.nextOf(next)) windows.push(this.windowOf(next));
    foldIntoEach(windows, run, at, this.given);
  }

  private windowOf(number: any): ValueWindow {
    const window = new ValueWindow();
    window.number = number;
    window.start = this.borders.startOf(number);
    window.end = this.borders.endOf(number);
    return window;
  }

  /**
   * Calls the window with these borders. Several windows may have the same last element: the end distinguishes them.
   */
  call(start: any, end: any): CalledWindow {
    const { held, windows, given, lastOrderKey } = this;
    const idKey = [end, lastOrderKey];
    if (held !== undefined) return held.call(start, end, idKey, this.last);
    const called = (windows.shift() as ValueWindow).fill(given.slot.called, start, end);
    called.idKey = idKey;
    called.fresh = this.uncalled;
    this.uncalled = 0;
    return called;
  }

  /** Drops the windows that start before this key: they were called. */
  drop(start: any): void {
    this.held?.dropBelow(start);
  }
}
