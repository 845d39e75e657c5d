import type { TimeZone } from '../../../base/time-zone.js';
import type { CalendarUnit } from '../../../joins/windows/window-kinds.js';
import type { Borders } from './borders.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/**
 * The hour, day, week or month of an instant, by the clock of a place. A day begins when the local clock first
 * shows its date: at midnight, or, where the clock skips midnight, when it jumps over it. So days follow each other without
 * gaps, also where the clock is turned back over midnight; they have 23, 24 or 25 hours, or what else the place decides.
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
  /** The first day of the next one, by that of this one. */
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

/** The first day of the month this many months after that of a day. */
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

/** The first instant at which the local clock shows this day, or a later one. */
function startOfDay(zone: TimeZone, day: number): number {
  const midnight = day * DAY;
  const [one, other] = [midnight - zone.offsetAt(midnight - DAY), midnight - zone.offsetAt(midnight + DAY)];
  const hasBegun = (instant: number): boolean => instant + zone.offsetAt(instant) >= midnight;
  return firstWhere(hasBegun, Math.min(one, other), Math.max(one, other));
}

/** The first instant from one on for which something holds, which it does for the other. */
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

/** An hour begins when the local clock shows a full one, or jumps over it: of an hour that comes twice, each time. */
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
  // Also if the clock is turned back at that moment: the hour may continue.
  if (zone.offsetAt(end) === offset) return end;
  const change = firstWhere((at) => zone.offsetAt(at) !== offset, instant, end);
  return begins(zone, change) ? change : endOfHour(zone, change, zone.offsetAt(change), hour);
}

/** Whether an hour begins where the clock is changed. */
function begins(zone: TimeZone, change: number): boolean {
  const before = change + zone.offsetAt(change - 1) - 1;
  const after = change + zone.offsetAt(change);
  return after % HOUR === 0 || Math.floor(before / HOUR) !== Math.floor(after / HOUR);
}
