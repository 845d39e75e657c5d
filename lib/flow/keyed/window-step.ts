import { Heap } from '../../base/heap.js';
import { copyOfKey, type Key } from '../../expressions/key.js';
import { copierOf } from '../../messages/index.js';
import type { FlowCall, Push } from '../flow-call.js';
import { emitAll } from './emit-all.js';
import { elementOf } from './kept-element.js';
import type { KeptRow } from './kept-row.js';
import { KeptValues } from './kept-values.js';
import type { WindowFold, WindowStepDescription } from './keyed-steps.js';
import { lateElement } from './late-element.js';
import { SlidingValues } from './sliding-values.js';
import { StepKeys } from './step-keys.js';
import type { StepRows } from './step-rows.js';
import { StepState } from './step-state.js';
import { alignedKind, type OpenWindow, sessionKind, type WindowKind } from './window-kinds.js';
import { type TimedValue, WindowRows } from './window-rows.js';
import { WindowTimes } from './window-times.js';

const lowest = Number.NEGATIVE_INFINITY;
const highest = Number.POSITIVE_INFINITY;

/**
 * Windows per key. The watermark is the highest time of the lane minus `wait`: values wait until it has passed them, so
 * that they are added to the windows in the order of their times. Then the windows that it has passed close, in the
 * order of their closing keys, equal ones in the order of their last values. All changes are stored in rows of the
 * step's table at once. The state in memory is rebuilt from them after a failed call, and after a restart.
 */
export class WindowStep extends StepState {
  private readonly kept: WindowRows;
  private readonly times: WindowTimes;
  private readonly keys: StepKeys;
  /** Undefined for sliding windows. */
  private readonly kind: WindowKind | undefined;
  private readonly wait: any;
  private late = 0;
  /** The count at the start of the call in progress. */
  private lateBefore = 0;
  private isLoaded = false;
  private high: any = lowest;
  /** The time up to which windows are closed. */
  private closedTo: any = lowest;
  private waiting = new Heap(byTime);
  private closing = new Heap<readonly [closing: any, window: OpenWindow]>(byClosing);
  private windows = new Map<unknown, OpenWindow[]>();
  private sliding: SlidingValues;
  /** Only used if there is a fold. */
  private readonly copyOfState: (state: object) => object;

  constructor(
    private readonly step: WindowStepDescription,
    rows: StepRows<KeptRow>,
    private readonly next: Push,
    flow: string,
  ) {
    super(step.name, flow);
    this.keys = new StepKeys(step.name);
    const { window, wait } = step;
    const distance = window.type === 'session' ? window.gap : window.size;
    this.wait = wait ?? (typeof distance === 'bigint' ? 0n : 0);
    this.times = new WindowTimes(this.place, window, this.wait);
    this.kept = new WindowRows(rows, this.times, new KeptValues(this.place), step.fold?.state);
    if (window.type === 'aligned') this.kind = alignedKind(window);
    else if (window.type === 'session') this.kind = sessionKind(window.gap);
    this.sliding = new SlidingValues(distance);
    this.copyOfState = step.fold === undefined ? (state) => state : copierOf(step.fold.state);
  }

  readonly push: Push = (value, key, call) => {
    this.load();
    const id = this.keys.idOf(key);
    const time = this.times.read(this.step.at(value));
    if (time < this.closedTo && this.isLate(time, id)) return this.isTooLate(value, time, key, call);
    const timed = { time, order: this.kept.nextRow(), key: copyOfKey(key), id, value };
    if (this.high === lowest || time > this.high) this.high = time;
    const watermark = this.high - this.wait;
    if (time > watermark) this.waiting.add(this.kept.keepWaiting(timed));
    const ready = time > watermark ? [] : [timed];
    return this.advance(watermark, ready, call);
  };

  override get counts() {
    return { name: this.name, late: this.late, kept: 0 };
  }

  callBegins(): void {
    this.lateBefore = this.late;
  }

  override callFailed(): void {
    this.isLoaded = false;
    this.late = this.lateBefore;
  }

  override end(call: FlowCall): void | Promise<void> {
    this.load();
    return this.advance(highest, [], call);
  }

  /** Moves the watermark: adds the values that it has passed to their windows, then closes windows. */
  private advance(watermark: any, ready: TimedValue[], call: FlowCall): void | Promise<void> {
    // A value at or below the watermark is put in order among the values that pass now.
    for (const each of ready) this.waiting.add(each);
    const results: object[] = [];
    for (let next = this.waiting.least; next !== undefined && next.time <= watermark; next = this.waiting.least) {
      this.waiting.take();
      this.kept.forgetWaiting(next);
      if (this.kind === undefined) results.push(this.slide(next));
      else this.addTo(this.kind, next);
    }
    if (watermark > this.closedTo) this.closedTo = watermark;
    if (this.kind !== undefined) this.close(this.kind, results);
    this.kept.keepPlace(this.high, this.closedTo);
    return emitAll(results, (result) => this.next(result, undefined, call));
  }

  private addTo(kind: WindowKind, timed: TimedValue): void {
    const open = this.windows.get(timed.id) ?? [];
    const borders = kind.bordersOf(timed.time, this.closedTo);
    let isIn = false;
    for (const window of open) {
      if (!kind.widens(window, timed.time)) continue;
      isIn = true;
      this.add(window, timed);
    }
    for (const [start, end] of borders) {
      const isOpen = isIn && (this.step.window.type === 'session' || open.some((window) => window.start === start));
      if (!isOpen) this.open(kind, start, end, timed, open);
    }
    if (open.length > 0) this.windows.set(timed.id, open);
  }

  private open(kind: WindowKind, start: any, end: any, timed: TimedValue, open: OpenWindow[]): void {
    const { key, id } = timed;
    const window: OpenWindow = {
      row: this.kept.nextRow(),
      key,
      id,
      start,
      end,
      order: 0,
      state: undefined,
      values: [],
    };
    this.add(window, timed);
    open.push(window);
    this.closing.add([kind.closingOf(window), window]);
  }

  private add(window: OpenWindow, { time, order, key, value }: TimedValue): void {
    const { fold } = this.step;
    window.order = this.kept.nextRow();
    if (fold === undefined) {
      const row = this.kept.nextRow();
      const at = window.values.findLastIndex((each) => each.time <= time) + 1;
      window.values.splice(at, 0, {
        time,
        order,
        row,
        value: this.kept.keepValue(row, window.row, time, order, value),
      });
    } else {
      window.state = this.copyOfState(this.folded(window.state, value, key));
    }
    this.kept.keepWindow(window);
  }

  private folded(state: object | undefined, value: unknown, key: Key): object {
    const { first, initial, add, state: message } = this.step.fold as WindowFold;
    const given = copyOfKey(key);
    if (state !== undefined) return elementOf(add(state, value, given), message, this.place, 'add');
    // `add` may change it: the same value may be the first of several windows, and `initial` may return one object.
    if (first !== undefined) return this.copyOfState(elementOf(first(value, given), message, this.place, 'first'));
    const made = this.copyOfState(elementOf(initial?.(given), message, this.place, 'initial'));
    return elementOf(add(made, value, given), message, this.place, 'add');
  }

  private close(kind: WindowKind, results: object[]): void {
    const closed: OpenWindow[] = [];
    for (let least = this.closing.least; least !== undefined; least = this.closing.least) {
      const [closing, window] = least;
      if (!kind.isClosed(closing, this.closedTo)) break;
      this.closing.take();
      const now = kind.closingOf(window);
      // A session that was extended is still in the queue at its previous place.
      if (now > closing) this.closing.add([now, window]);
      else closed.push(window);
    }
    closed.sort((a, b) => compare(kind.closingOf(a), kind.closingOf(b)) || a.order - b.order);
    for (const window of closed) {
      const left = (this.windows.get(window.id) ?? []).filter((each) => each !== window);
      if (left.length === 0) this.windows.delete(window.id);
      else this.windows.set(window.id, left);
      this.kept.forgetWindow(window);
      results.push(
        this.result(window.key, window.start, window.end, window.state ?? window.values.map((each) => each.value)),
      );
    }
  }

  private slide(timed: TimedValue): object {
    const { size } = this.step.window as { readonly size: any };
    for (const { order } of this.sliding.before(timed.time)) this.kept.forgetSliding(order);
    this.sliding.add(this.kept.keepSliding(timed));
    const values = this.sliding.of(timed.id);
    if (this.step.fold === undefined) return this.result(timed.key, timed.time - size, timed.time, values);
    const folded = values.reduce<object | undefined>((state, value) => this.folded(state, value, timed.key), undefined);
    return this.result(timed.key, timed.time - size, timed.time, this.copyOfState(folded as object));
  }

  private result(key: Key, start: any, end: any, value: unknown): object {
    return { key: copyOfKey(key), start: this.times.show(start), end: this.times.show(end), value };
  }

  private isLate(time: any, id: unknown): boolean {
    const { kind } = this;
    if (kind === undefined) return true;
    if (!kind.isLate(time, this.closedTo)) return false;
    const open = this.windows.get(id) ?? [];
    return !open.some((window) => kind.widens({ ...window }, time));
  }

  private isTooLate(value: unknown, time: any, key: unknown, call: FlowCall): undefined {
    this.late++;
    const { late, window } = this.step;
    if (late === undefined) return undefined;
    const [start, end] = this.kind?.bordersOf(time, lowest).at(-1) ?? [time - (window as { size: any }).size, time];
    call.emit(lateElement(late, { key, start: this.times.show(start), end: this.times.show(end), value }, this.place));
    return undefined;
  }

  /** Rebuilds the state from the rows of the table. */
  private load(): void {
    if (this.isLoaded) return;
    this.isLoaded = true;
    this.times.reset();
    const { high, closedTo, waiting, windows, sliding } = this.kept.load();
    this.keys.reset([...waiting, ...windows, ...sliding].map(({ key }) => key));
    this.high = high;
    this.closedTo = closedTo;
    this.waiting = new Heap(byTime);
    for (const each of waiting) this.waiting.add(each);
    this.windows = new Map();
    this.closing = new Heap(byClosing);
    for (const window of windows) {
      this.windows.set(window.id, [...(this.windows.get(window.id) ?? []), window]);
      if (this.kind !== undefined) this.closing.add([this.kind.closingOf(window), window]);
    }
    this.sliding.clear();
    for (const each of sliding) this.sliding.add(each);
  }
}

function byTime(a: TimedValue, b: TimedValue): number {
  return compare(a.time, b.time) || a.order - b.order;
}

function byClosing(a: readonly [any, OpenWindow], b: readonly [any, OpenWindow]): number {
  return compare(a[0], b[0]);
}

function compare(a: any, b: any): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
