import { isDate, RealDate } from '../../base/date.js';
import { wrongValue } from '../step-checks.js';

type Unit = 'number' | 'bigint' | 'Date';

/** Converts the times of a step's values, which all have one type, to numbers or bigints. */
export class WindowTimes {
  private unit: Unit | undefined;

  constructor(
    private readonly place: string,
    /** A distance of the step's window. */
    private readonly distance: number | bigint,
  ) {}

  /** A time as a number or bigint; Dates as milliseconds. */
  read(time: unknown): any {
    const unit = unitOf(time);
    if (unit === undefined || unit !== (this.unit ?? unit)) {
      const expected = this.unit === undefined ? 'a number, a bigint or a valid Date' : `a ${this.unit}, as before`;
      throw wrongValue(`${this.place}: at() returned`, expected, time);
    }
    if ((unit === 'bigint') !== (typeof this.distance === 'bigint')) {
      const expected = typeof this.distance === 'bigint' ? 'a bigint' : 'a number or a Date';
      throw wrongValue(`${this.place}: at() returned`, `${expected}, as the window's size has it`, time);
    }
    this.unit = unit;
    return unit === 'Date' ? (time as Date).getTime() : time;
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

function unitOf(time: unknown): Unit | undefined {
  if (typeof time === 'bigint') return 'bigint';
  if (typeof time === 'number') return Number.isFinite(time) ? 'number' : undefined;
  return isDate(time) && !Number.isNaN(time.getTime()) ? 'Date' : undefined;
}
