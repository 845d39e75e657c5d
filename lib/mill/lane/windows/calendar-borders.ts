import type { TimeZone } from '../../../base/time-zone.js';
import type { CalendarUnit } from '../../../joins/windows/window-kinds.js';
import type { Borders } from './borders.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/**
 * Returns a function that finds the hour, day, week or month of an instant in a time zone. A day begins when the local
 * clock first shows its date: at midnight or, if the clock skips midnight, at the jump. So days follow each other
 * without gaps, even if the clock is turned back over midnight. They have 23, 24 or 25 hours, or another length that
 * the zone defines.
 */
export function calendarBorders(unit: CalendarUnit, zone: TimeZone): (instant: number) => Borders {
  if (unit === 'hour') return (instant) => hourAround(zone, instant);
  const { first, next } = units[unit];
  return (instant) => {
    const begin = first(dayAt(zone, instant));
    return { start: startOfDay(zone, begin), end: startOfDay(zone, next(begin)) };
  };
}

/** Days are counted from 1970-01-01, a Thursday. */
interface UnitOfDays {
  /** The first day of the unit of a day. */
  first(day: number): number;
  /** The first day of the next unit, from the first day of this one. */
  next(day: number): number;
}

const units: { readonly [U in Exclude<CalendarUnit, 'hour'>]: UnitOfDays } = {
  day: { first: (day) => day, next: (day) => day + 1 },
  week: { first: (day) => day - modulo(day + 3, 7), next: (day) => day + 7 },
  month: { first: (day) => monthOf(day, 0), next: (day) => monthOf(day, 1) },
};

function modulo(dividend: number, divisor: number): number {
  return dividend - Math.floor(dividend / divisor) * divisor;
}

/** Returns the first day of a month: `after` months after the month of a day. */
function monthOf(day: number, after: number): number {
  const date = new Date(day * DAY);
  return date.setUTCMonth(date.getUTCMonth() + after, 1) / DAY;
}

function dayAt(zone: TimeZone, instant: number): number {
  let day = Math.floor((instant + zone.offsetAt(instant)) / DAY);
  // A clock that is turned back over midnight shows the previous day again.
  while (startOfDay(zone, day + 1) <= instant) day++;
  return day;
}

/** Returns the first instant at which the local clock shows this day, or a later one. */
function startOfDay(zone: TimeZone, day: number): number {
  const midnight = day * DAY;
  const [one, other] = [midnight - zone.offsetAt(midnight - DAY), midnight - zone.offsetAt(midnight + DAY)];
  const hasBegun = (instant: number): boolean => instant + zone.offsetAt(instant) >= midnight;
  return firstWhere(hasBegun, Math.min(one, other), Math.max(one, other));
}

/** Returns the first instant from `from` on at which the condition holds. It must hold at `to`. */
function firstWhere(holds: (instant: number) => boolean, from: number, to: number): number {
  if (holds(from)) return from;
  let [before, after] = [from, to];
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (holds(middle)) after = middle;
    else before = middle;
  }
  return after;
}

/**
 * Returns the hour of an instant. An hour begins when the local clock shows a full hour, or jumps over it; an hour that
 * occurs twice begins twice.
 */
function hourAround(zone: TimeZone, instant: number): Borders {
  const offset = zone.offsetAt(instant);
  const hour = Math.floor((instant + offset) / HOUR);
  return { start: startOfHour(zone, instant, offset, hour), end: endOfHour(zone, instant, offset, hour) };
}

function startOfHour(zone: TimeZone, instant: number, offset: number, hour: number): number {
  const start = hour * HOUR - offset;
  if (zone.offsetAt(start) === offset) return start;
  const change = firstWhere((at) => zone.offsetAt(at) === offset, start, instant);
  if (begins(zone, change)) return change;
  return startOfHour(zone, change - 1, zone.offsetAt(change - 1), hour);
}

function endOfHour(zone: TimeZone, instant: number, offset: number, hour: number): number {
  const end = (hour + 1) * HOUR - offset;
  // Even if the clock is turned back at that moment: the hour may continue.
  if (zone.offsetAt(end) === offset) return end;
  const change = firstWhere((at) => zone.offsetAt(at) !== offset, instant, end);
  return begins(zone, change) ? change : endOfHour(zone, change, zone.offsetAt(change), hour);
}

/** Returns whether an hour begins at a clock change. */
function begins(zone: TimeZone, change: number): boolean {
  const before = change + zone.offsetAt(change - 1) - 1;
  const after = change + zone.offsetAt(change);
  return after % HOUR === 0 || Math.floor(before / HOUR) !== Math.floor(after / HOUR);
}
