import { identityOf } from '../../../../expressions/key-identity.js';
import type { ValuesVector } from '../../../resume/lane-vector.js';
import type { CalledWindow } from '../called-window.js';
import type { Run } from '../run.js';
import type { ValueMarks, ValuePhase, ValueStart } from '../value-marks.js';
import { isBefore, type OldestElement, type WindowAges, type Windows, type WindowsGiven } from '../windows.js';
import { Chain } from './chain.js';
import { CountedValue } from './counted-value.js';

/**
 * Windows of `size` survivors of one value, one starting at every `every`-th of them. A clock may close them earlier.
 */
export class CountsByValue implements Windows, WindowAges {
  private readonly values = new Map<unknown, CountedValue>();
  /** Values with open windows, in the order of their last elements. */
  private readonly byLast = new Chain<CountedValue>();
  /** Values with open windows, in the order of their first opening. */
  private readonly byFirst = new Chain<CountedValue>();
  private readonly marks: ValueMarks;
  private waiting = 0;
  openings = 0;
  readonly ages = this;

  constructor(
    private readonly given: WindowsGiven,
    private readonly size: number,
    private readonly every: number,
  ) {
    this.marks = given.marks as ValueMarks;
    for (const { value, phase } of this.marks.phases) this.ofValue(value).phase = phase;
  }

  private ofValue(value: any): CountedValue {
    const id = identityOf(value);
    let found = this.values.get(id);
    if (found === undefined) {
      found = new CountedValue(value, id, this.given);
      this.values.set(id, found);
    }
    return found;
  }

  take(run: Run): CalledWindow | undefined {
    const { marks } = this;
    while (run.at < run.end) {
      const { at } = run;
      const [orderKey, position] = [run.orderKeyAt(at), run.positionAt(at)];
      const value = run.values[at];
      const isDone = marks.isBehind && marks.isDone(identityOf(value), orderKey, position);
      const call = isDone ? undefined : this.add(this.ofValue(value), run);
      marks.pass(orderKey, position);
      run.at = at + 1;
      if (call !== undefined) return call;
    }
    return undefined;
  }

  private add(value: CountedValue, run: Run): CalledWindow | undefined {
    const { size, every } = this;
    if (value.phase >= size) {
      value.phase = (value.phase + 1) % every;
      if (value.phase === 0) this.values.delete(value.id);
      return undefined;
    }
    const wasOpen = !value.isEmpty;
    value.take(run, value.phase === 0);
    this.waiting++;
    value.phase = (value.phase + 1) % every;
    if (wasOpen) {
      this.byLast.moveToEnd(value.byLast);
    } else {
      value.opening = this.openings++;
      this.byFirst.append(value.byFirst);
      this.byLast.append(value.byLast);
    }
    return value.sizeOfFirst === size ? this.call(value) : undefined;
  }

  /** Calls the oldest open window of a value. */
  private call(value: CountedValue): CalledWindow {
    this.marks.call(value.start());
    const called = value.call(this.every);
    this.waiting -= called.fresh;
    if (value.isEmpty) {
      this.byFirst.remove(value.byFirst);
      this.byLast.remove(value.byLast);
      if (value.phase === 0) this.values.delete(value.id);
    }
    return called;
  }

  close(): undefined {}

  end(): CalledWindow | undefined {
    const value = this.byLast.first;
    return value === undefined ? undefined : this.callEarly(value);
  }

  /** Closes, by the clock, a window that was opened up to this number. */
  timeout(upTo: unknown): CalledWindow | undefined {
    const value = this.byFirst.first;
    if (value === undefined || value.opening > (upTo as number) || this.marks.isCatchingUp) return undefined;
    return this.callEarly(value);
  }

  /** Calls a window before it is full. If the value has no other open window, its next element begins one. */
  private callEarly(value: CountedValue): CalledWindow {
    if (value.isAlone(this.every)) value.phase = 0;
    return this.call(value);
  }

  get oldestOpening(): number | undefined {
    return this.marks.isCatchingUp ? undefined : this.byFirst.first?.opening;
  }

  held(): number {
    let held = 0;
    for (const value of this.values.values()) held += value.size;
    return held;
  }

  uncalled(): number {
    return this.waiting;
  }

  skipped(): number {
    return this.marks.skipped;
  }

  oldest(): OldestElement | undefined {
    // If windows of a value do not overlap, values are in the order of their first elements.
    if (this.every >= this.size) return this.byFirst.first?.oldest();
    let oldest: OldestElement | undefined;
    for (const value of this.values.values()) {
      const own = value.oldest();
      if (own !== undefined && (oldest === undefined || isBefore(own, oldest))) oldest = own;
    }
    return oldest;
  }

  vector(isPending: boolean): ValuesVector {
    return this.marks.toJson(this.starts(), this.phases(), isPending);
  }

  private *starts(): Iterable<ValueStart> {
    for (const value of this.values.values()) if (!value.isEmpty) yield value.start();
  }

  private *phases(): Iterable<ValuePhase> {
    for (const value of this.values.values()) if (value.isEmpty) yield value;
  }
}
