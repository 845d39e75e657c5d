import { compareKeys } from '../../../../expressions/key.js';
import { identityOf } from '../../../../expressions/key-identity.js';
import type { ValuesVector } from '../../../resume/lane-vector.js';
import type { Borders } from '../borders.js';
import type { CalledWindow } from '../called-window.js';
import type { Run } from '../run.js';
import type { OldestElement, Windows, WindowsGiven } from '../windows.js';
import { Chain } from './chain.js';
import { Recency } from './recency.js';
import type { ValueStart } from './value-marks.js';
import { ValueWindow } from './value-window.js';

/** So many values without an open window are known at least, before they are forgotten. */
const fewest = 1024;

/** Windows of which each value has one open at a time. They close in the order of their last elements. */
abstract class SeparateWindows implements Windows {
  /** By value, the open ones, and some that were called: most values come again, and use them again. */
  private readonly known = new Map<unknown, ValueWindow>();
  private readonly byFirst = new Chain<ValueWindow>();
  /** How many windows are open. */
  protected count = 0;
  /** How many elements the open windows have. */
  private waiting = 0;

  constructor(protected readonly given: WindowsGiven) {}

  abstract take(run: Run): CalledWindow | undefined;
  abstract close(key: any): CalledWindow | undefined;
  abstract end(): CalledWindow | undefined;

  /** The window of a value takes an element. Where it fails, nothing has changed. */
  protected add(run: Run, at: number): ValueWindow {
    const value = run.values[at];
    const id = identityOf(value);
    const known = this.known.get(id);
    const window = known ?? new ValueWindow(id, value);
    window.add(run, at, run.elementAt(at), this.given);
    this.waiting++;
    if (window.size === 1) this.opened(window, known === undefined);
    return window;
  }

  private opened(window: ValueWindow, isNew: boolean): void {
    this.count++;
    this.byFirst.append(window.byFirst);
    if (isNew) this.known.set(window.id, window);
  }

  protected call(window: ValueWindow, start: any, end: any): CalledWindow {
    this.count--;
    this.byFirst.remove(window.byFirst);
    this.waiting -= window.size;
    return window.fill(this.given.slot.called, this.given.fold !== undefined, start, end);
  }

  /** In the order in which their values became known. */
  protected get open(): ValueWindow[] {
    return [...this.known.values()].filter(({ size }) => size > 0);
  }

  /** Values without an open window are known no more, where they are most of those that are. */
  protected forgetSome(): void {
    if (this.known.size > 2 * this.count + fewest) this.forget();
  }

  /** Values without an open window are known no more. */
  protected forget(): void {
    for (const { id, size } of this.known.values()) if (size === 0) this.known.delete(id);
  }

  timeout(_key: unknown): CalledWindow | undefined {
    return undefined;
  }

  held(): number {
    return this.given.fold === undefined ? this.waiting : this.count;
  }

  uncalled(): number {
    return this.waiting;
  }

  oldest(): OldestElement | undefined {
    return this.byFirst.first?.oldest();
  }
}

/** Windows of which those of all values close together: all that are open have the same borders. */
abstract class WindowsTogether extends SeparateWindows {
  /** Those that are being called, the last of them first. */
  private closing: ValueWindow[] = [];
  /** Counts elements: the order of the last ones. */
  private taken = 0;

  protected abstract readonly start: any;
  protected abstract readonly end_: any;
  /** No element with a key from this one on can be in the open windows. */
  protected abstract isOver(key: any): boolean;
  /** Where none is open: the windows of this key are; false where it is in none. */
  protected abstract begin(key: any): boolean;

  take(run: Run): CalledWindow | undefined {
    const { keys, end } = run;
    for (let { at } = run; at < end; at++) {
      run.at = at;
      if (this.count === 0) {
        if (!this.begin(keys[at])) continue;
      } else if (this.closing.length > 0 || this.isOver(keys[at])) {
        return this.callNext();
      }
      this.takeOne(run, at);
    }
    run.at = end;
    return undefined;
  }

  protected takeOne(run: Run, at: number): void {
    this.add(run, at).place = this.taken++;
  }

  close(key: any): CalledWindow | undefined {
    return this.count > 0 && (this.closing.length > 0 || this.isOver(key)) ? this.callNext() : undefined;
  }

  end(): CalledWindow | undefined {
    return this.count === 0 ? undefined : this.callNext();
  }

  protected callNext(): CalledWindow {
    if (this.closing.length === 0) {
      // Values that had no window this time are not kept for the next one.
      this.forget();
      this.closing = this.open.sort((a, b) => b.place - a.place);
    }
    return this.call(this.closing.pop() as ValueWindow, this.start, this.end_);
  }
}

/** Windows [start, end) that do not overlap: at one time all values have the same. */
export class TumblingByValue extends WindowsTogether {
  protected start: any = Number.NaN;
  protected end_: any = Number.NaN;

  constructor(
    given: WindowsGiven,
    /** The window of a key, or the next one. */
    private readonly around: (key: any) => Borders,
  ) {
    super(given);
  }

  protected isOver(key: any): boolean {
    return this.end_ <= key;
  }

  protected begin(key: any): boolean {
    if (!(key < this.end_)) {
      const { start, end } = this.around(key);
      this.start = start;
      this.end_ = end;
    }
    return this.start <= key;
  }
}

/** Stretches of the stream with equal keys, split by value. A clock may close them. */
export class StretchesByValue extends WindowsTogether {
  protected start: any = undefined;

  protected get end_(): any {
    return this.start;
  }

  protected isOver(key: any): boolean {
    return compareKeys(this.start, key) !== 0;
  }

  protected begin(key: any): boolean {
    this.start = key;
    return true;
  }

  protected override takeOne(run: Run, at: number): void {
    const { marks } = this.given;
    if (marks === undefined) {
      super.takeOne(run, at);
      return;
    }
    const [orderKey, position] = [run.orderKeyAt(at), run.positionAt(at)];
    const isDone = marks.isBehind && marks.isDone(identityOf(run.values[at]), orderKey, position);
    if (!isDone) super.takeOne(run, at);
    marks.pass(orderKey, position);
  }

  protected override call(window: ValueWindow, start: any, end: any): CalledWindow {
    this.given.marks?.call(startOf(window));
    return super.call(window, start, end);
  }

  override timeout(key: unknown): CalledWindow | undefined {
    return key === undefined || this.given.marks?.isCatchingUp ? undefined : this.close(key);
  }

  vector(isPending: boolean): ValuesVector | undefined {
    return this.given.marks?.toJson(this.open.map(startOf), [], isPending);
  }
}

function startOf(window: ValueWindow): ValueStart {
  const { orderKey, position } = window.oldest();
  return { value: window.value, first: { key: orderKey, position } };
}

/** Windows of elements of one value, each at most `gap` after the one before. */
export class SessionsByValue extends SeparateWindows {
  private readonly recency = new Recency();
  /** Below and at this key none is over: it is that of an oldest window, which may be older than the oldest now. */
  private safe: any = undefined;

  constructor(
    given: WindowsGiven,
    private readonly gap: any,
  ) {
    super(given);
  }

  take(run: Run): CalledWindow | undefined {
    const { keys, end } = run;
    for (let { at } = run; at < end; at++) {
      run.at = at;
      if (this.safe === undefined || keys[at] > this.safe) {
        const over = this.overAt(keys[at]);
        if (over !== undefined) return this.callOne(over);
      }
      this.recency.touch(this.add(run, at), keys[at]);
    }
    run.at = end;
    return undefined;
  }

  private overAt(key: any): ValueWindow | undefined {
    const { oldest } = this.recency;
    // The next element becomes the oldest: it is over no earlier.
    this.safe = (oldest === undefined ? key : this.recency.lastKeyOf(oldest)) + this.gap;
    return oldest !== undefined && key > this.safe ? oldest : undefined;
  }

  private callOne(window: ValueWindow): CalledWindow {
    const called = this.call(window, window.firstKey, this.recency.lastKeyOf(window));
    this.forgetSome();
    return called;
  }

  close(key: any): CalledWindow | undefined {
    const { oldest } = this.recency;
    return oldest !== undefined && key > this.recency.lastKeyOf(oldest) + this.gap ? this.callOne(oldest) : undefined;
  }

  end(): CalledWindow | undefined {
    const { oldest } = this.recency;
    return oldest === undefined ? undefined : this.callOne(oldest);
  }
}
