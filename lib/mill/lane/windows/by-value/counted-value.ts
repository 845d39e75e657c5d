import type { CalledWindow } from '../called-window.js';
import type { Run } from '../run.js';
import type { ValueStart } from '../value-marks.js';
import { WindowBuffer } from '../window-buffer.js';
import type { OldestElement, WindowsGiven } from '../windows.js';
import { Link } from './chain.js';
import { foldIntoEach } from './fold-into-each.js';
import { ValueWindow } from './value-window.js';

/** The open count windows of one value. Elements are held once; folded windows have an accumulator each. */
export class CountedValue {
  readonly byFirst = new Link<CountedValue>(this);
  readonly byLast = new Link<CountedValue>(this);
  /** The number of elements since the last window began. At 0, the next element begins a window. */
  phase = 0;
  /** The number of its first window among the openings of all windows. */
  opening = 0;
  private readonly held: WindowBuffer | undefined;
  private readonly windows: ValueWindow[] = [];
  private uncalled = 0;

  constructor(
    readonly value: any,
    readonly id: unknown,
    private readonly given: WindowsGiven,
  ) {
    if (given.fold === undefined) this.held = new WindowBuffer(given.keepsRows, given.slot);
  }

  get isEmpty(): boolean {
    return this.sizeOfFirst === 0;
  }

  /** The number of elements in the oldest window. */
  get sizeOfFirst(): number {
    return this.held === undefined ? (this.windows[0]?.size ?? 0) : this.held.size;
  }

  /** The number of elements or accumulators held. */
  get size(): number {
    return this.held === undefined ? this.windows.length : this.held.size;
  }

  take(run: Run, begins: boolean): void {
    const { held, windows, given } = this;
    const { at } = run;
    if (held !== undefined) {
      held.push(run, at, run.elementAt(at));
      return;
    }
    if (begins) windows.push(new ValueWindow());
    foldIntoEach(windows, run, at, given);
    this.uncalled++;
  }

  /** Returns whether the oldest window is the only one. */
  isAlone(every: number): boolean {
    return this.held === undefined ? this.windows.length === 1 : this.held.size <= every;
  }

  /** Calls the oldest window. */
  call(every: number): CalledWindow {
    const { held, given } = this;
    if (held !== undefined) {
      const called = held.call(undefined, undefined, undefined, -1);
      held.drop(every);
      return called;
    }
    const called = (this.windows.shift() as ValueWindow).fill(given.slot.called, undefined, undefined);
    called.fresh = this.uncalled;
    this.uncalled = 0;
    return called;
  }

  oldest(): OldestElement | undefined {
    return this.held === undefined ? this.windows[0]?.oldest() : this.held.oldest();
  }

  /** The start of the oldest window. Only valid if there is one. */
  start(): ValueStart {
    const { orderKey, position } = this.oldest() as OldestElement;
    return { value: this.value, first: { key: orderKey, position } };
  }
}
