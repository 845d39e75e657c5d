import type { MessageClass } from '../../base/class.js';
import { identityOf } from '../../expressions/key-identity.js';
import { keyFromJson, keyToJson } from '../../expressions/key-json.js';
import { copierOf } from '../../messages/index.js';
import type { KeptRow } from './kept-row.js';
import type { KeptValues } from './kept-values.js';
import type { StepRows } from './step-rows.js';
import type { OpenWindow } from './window-kinds.js';
import type { WindowTimes } from './window-times.js';

/** A value with its key and its time. `order` is its order of arrival, and the number of its row. */
export interface TimedValue {
  readonly time: any;
  readonly order: number;
  readonly key: any;
  readonly id: unknown;
  readonly value: unknown;
}

/** The values of `of` in a row. Higher numbers are the row of the window that a value belongs to. */
const PLACE = 0;
const WAITING = 1;
const SLIDING = 2;
const WINDOW = 3;
const FIRST_ROW = 10;

const lowest = Number.NEGATIVE_INFINITY;

/** The rows of a step with windows: one for its own state, one for each open window and each held value. */
export class WindowRows {
  private last = FIRST_ROW;

  constructor(
    private readonly rows: StepRows<KeptRow>,
    private readonly times: WindowTimes,
    private readonly values: KeptValues,
    /** The class of accumulators; undefined if windows hold values. */
    private readonly state: MessageClass<any> | undefined,
  ) {}

  /** Returns a new row number. */
  nextRow(): number {
    return ++this.last;
  }

  keepPlace(high: any, closedTo: any): void {
    // At the end of the stream everything is closed. A run that continues starts at the time of the values.
    const start = closedTo === Number.POSITIVE_INFINITY ? 'end' : this.timeJson(closedTo);
    this.rows.set(PLACE, { of: PLACE, time: this.timeJson(high), start, order: this.last });
  }

  /** Returns the value as a later call gets it. */
  keepWaiting(timed: TimedValue): TimedValue {
    return this.keepTimed(WAITING, timed);
  }

  forgetWaiting({ order }: TimedValue): void {
    this.rows.delete(order);
  }

  /** Returns the value as a later call gets it. */
  keepSliding(timed: TimedValue): TimedValue {
    return this.keepTimed(SLIDING, timed);
  }

  forgetSliding(order: number): void {
    this.rows.delete(order);
  }

  keepWindow({ row, key, start, end, order, state }: OpenWindow): void {
    const borders = { start: this.times.toJson(start), time: this.times.toJson(end) };
    const kept = { of: WINDOW, key: keyToJson(key), ...borders, order };
    this.rows.set(row, this.state !== undefined ? { ...kept, state } : kept);
  }

  /** Returns the value as a later call gets it. */
  keepValue(row: number, window: number, time: any, order: number, value: unknown): unknown {
    const { encoded, copy } = this.values.keep(value);
    this.rows.set(row, { of: window, time: this.times.toJson(time), order, value: encoded });
    return copy;
  }

  forgetWindow({ row, values }: OpenWindow): void {
    this.rows.delete(row);
    for (const each of values) this.rows.delete(each.row);
  }

  load() {
    const found = {
      high: lowest as any,
      closedTo: lowest as any,
      waiting: [] as TimedValue[],
      sliding: [] as TimedValue[],
    };
    const windows = new Map<number, OpenWindow>();
    const ofWindows: [window: number, OpenWindow['values'][number]][] = [];
    for (const [row, kept] of this.rows.entries()) {
      const { of, order = 0 } = kept;
      if (of === PLACE) {
        this.last = order;
        found.high = this.timeOf(kept.time);
        found.closedTo = kept.start === 'end' ? found.high : this.timeOf(kept.start);
      } else if (of === WINDOW) {
        windows.set(row, this.windowOf(row, kept));
      } else if (of === WAITING || of === SLIDING) {
        (of === WAITING ? found.waiting : found.sliding).push(this.timedOf(row, kept));
      } else {
        const value = this.values.decode(kept.value);
        ofWindows.push([of, { time: this.times.fromJson(kept.time), order, row, value }]);
      }
    }
    for (const [window, value] of ofWindows) windows.get(window)?.values.push(value);
    for (const window of windows.values())
      window.values.sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : a.order - b.order));
    found.sliding.sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : a.order - b.order));
    return { ...found, windows: [...windows.values()] };
  }

  private keepTimed(of: number, timed: TimedValue): TimedValue {
    const { time, order, key, value } = timed;
    const { encoded, copy } = this.values.keep(value);
    this.rows.set(order, { of, key: keyToJson(key), time: this.times.toJson(time), order, value: encoded });
    return { ...timed, value: copy };
  }

  private timedOf(order: number, { key: json, time, value }: KeptRow): TimedValue {
    const key = keyFromJson(json as any);
    return { time: this.times.fromJson(time), order, key, id: identityOf(key), value: this.values.decode(value) };
  }

  private windowOf(row: number, { key: json, start, time, order = 0, state }: KeptRow): OpenWindow {
    const key = keyFromJson(json as any);
    const borders = { start: this.times.fromJson(start), end: this.times.fromJson(time) };
    // Stored values are frozen, but the user may change an accumulator.
    const own = state === undefined || this.state === undefined ? undefined : copierOf(this.state)(state);
    return { row, key, id: identityOf(key), ...borders, order, state: own, values: [] };
  }

  /** Returns the time as JSON; undefined if there was no value. */
  private timeJson(time: any): unknown {
    return time === lowest ? undefined : this.times.toJson(time);
  }

  private timeOf(json: unknown): any {
    return json === undefined ? lowest : this.times.fromJson(json);
  }
}
