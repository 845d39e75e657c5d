import type { TestCalendar } from './tree.js';

const MINUTE = 60_000;
const DAY = 86_400_000;
/** Keys are on this grid, and so are all clock changes here, or between the same two points of it. */
const GRID = 15 * MINUTE;

/** Returns the instant of a key, in milliseconds. */
export function instantOf({ from, step }: TestCalendar, key: number): number {
  return from + key * step;
}

/** Returns a number for the hour, day, week or month of a key in a time zone, which grows from one to the next. */
export function calendarNumber(window: TestCalendar, key: number): number {
  const instant = instantOf(window, key);
  if (window.unit === 'hour') return beginOfHour(window.zone, instant);
  const day = dayOf(window.zone, instant);
  if (window.unit === 'day') return day;
  if (window.unit === 'week') return Math.floor((day + 3) / 7);
  const date = new Date(day * DAY);
  return date.getUTCFullYear() * 12 + date.getUTCMonth();
}

/**
 * Returns the highest date that the clock has shown by then: a clock that is turned back over midnight shows the
 * previous one again.
 */
function dayOf(zone: string, instant: number): number {
  const shown = [];
  for (let at = instant; at > instant - 4 * 60 * MINUTE; at -= GRID) shown.push(Math.floor(wallClock(zone, at) / DAY));
  return Math.max(...shown);
}

/** Returns the last time at which the clock showed a full hour, or another hour than just before. */
function beginOfHour(zone: string, instant: number): number {
  const hour = (at: number): number => Math.floor(wallClock(zone, at) / (60 * MINUTE));
  let at = instant;
  while (wallClock(zone, at) % (60 * MINUTE) !== 0 && hour(at) === hour(at - GRID)) at -= GRID;
  return at;
}

const formats = new Map<string, Intl.DateTimeFormat>();
const shownAt = new Map<string, number>();

/** Returns the wall-clock time, as if it were UTC: `2026-03-29 03:15`, read as text. */
function wallClock(zone: string, instant: number): number {
  const known = shownAt.get(`${zone} ${instant}`);
  if (known !== undefined) return known;
  const format =
    formats.get(zone) ?? new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' });
  formats.set(zone, format);
  const shown = Date.parse(`${format.format(instant).replace(' ', 'T')}Z`);
  shownAt.set(`${zone} ${instant}`, shown);
  return shown;
}
