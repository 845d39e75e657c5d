import { isDate, RealDate } from '../../base/date.js';
import { adding, aligning, type KeyArithmetic } from '../../mill/lane/keys/key-arithmetic.js';
import { wrongTime, wrongValue } from '../step-checks.js';
import type { FlowWindowDescription } from './flow-window.js';

type Unit = 'number' | 'bigint' | 'Date';

/** Converts the times of a step's values, which all have one type, to numbers or bigints. */
export class WindowTimes {
  private unit: Unit | undefined;
  private readonly distance: number | bigint;
  /** The computations with times. Bigints are exact. */
  private readonly arithmetic: readonly KeyArithmetic[];

  constructor(
    private readonly place: string,
    window: FlowWindowDescription,
    wait: number | bigint,
  ) {
    this.distance = window.type === 'session' ? window.gap : window.size;
    this.arithmetic = [...arithmeticOf(window), ...adding(`wait: ${wait}`, -wait)];
  }

  /** Starts over, since a call was undone that may have set the type. */
  reset(): void {
    this.unit = undefined;
  }

  /** A time as a number or bigint; Dates as milliseconds. */
  read(time: unknown): any {
    const unit = unitOf(time);
    if (unit === undefined || unit !== (this.unit ?? unit)) {
      const expected = this.unit === undefined ? 'a number, a bigint or a valid Date' : `a ${this.unit}, as before`;
      throw wrongValue(`${this.place}: at() returned`, expected, time);
    }
    if ((unit === 'bigint') !== (typeof this.distance === 'bigint')) {
      const expected = typeof this.distance === 'bigint' ? 'a bigint' : 'a number or a Date';
      throw wrongValue(`${this.place}: at() returned`, `${expected}, like the window's size`, time);
    }
    this.unit = unit;
    if (unit === 'bigint') return time;
    const number = unit === 'Date' ? (time as Date).getTime() : (time as number);
    for (const each of this.arithmetic) this.expectExact(each, number, time);
    return number;
  }

  /** Throws if a window of this time would have no width, or another one than the window's. */
  private expectExact({ safe, safeDates, problemOf }: KeyArithmetic, number: number, time: unknown): void {
    const isOfDate = this.unit === 'Date';
    if (Math.abs(number) < (isOfDate ? safeDates : safe)) return;
    const problem = problemOf(number, isOfDate);
    if (problem !== undefined) throw wrongTime(`${this.place}: at() returned`, time, problem);
  }

  /** Returns a time in the type of the user's values. */
  show(time: any): any {
    return this.unit === 'Date' ? new RealDate(time) : time;
  }

  toJson(time: any): unknown {
    const text = typeof time === 'bigint' ? String(time) : time;
    return this.unit === 'Date' ? { date: text } : typeof time === 'bigint' ? { bigint: text } : { number: text };
  }

  fromJson(json: any): any {
    if (json.date !== undefined) this.unit = 'Date';
    else this.unit = json.bigint === undefined ? 'number' : 'bigint';
    return json.bigint === undefined ? (json.date ?? json.number) : BigInt(json.bigint);
  }
}

function arithmeticOf(window: FlowWindowDescription): readonly KeyArithmetic[] {
  switch (window.type) {
    case 'aligned':
      return aligning({ ...window, offset: 0 });
    case 'sliding':
      return adding(`the window's size ${window.size}`, -window.size, true);
    case 'session':
      return adding(`the window's gap ${window.gap}`, window.gap);
  }
}

function unitOf(time: unknown): Unit | undefined {
  if (typeof time === 'bigint') return 'bigint';
  if (typeof time === 'number') return Number.isFinite(time) ? 'number' : undefined;
  return isDate(time) && !Number.isNaN(time.getTime()) ? 'Date' : undefined;
}
