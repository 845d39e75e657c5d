import type { TestCalendar } from './tree.js';

const MINUTE = 60_000;
const DAY = 86_400_000;
/** Keys lie on a grid of these, and so do the changes of all clocks here, or between the same two of them. */
const GRID = 15 * MINUTE;

/** In milliseconds the instant that a key stands for. */
export function instantOf({ from, step }: TestCalendar, key: number): number {
  return from + key * step;
}

/** A number for the hour, day, week or month of a key, by the clock of a place: it grows from one to the next. */
export function calendarNumber(window: TestCalendar, key: number): number {
  const instant = instantOf(window, key);
  if (window.unit === 'hour') return beginOfHour(window.zone, instant);
  const day = dayOf(window.zone, instant);
  if (window.unit === 'day') return day;
  if (window.unit === 'week') return Math.floor((day + 3) / 7);
  const date = new Date(day * DAY);
  return date.getUTCFullYear() * 12 + date.getUTCMonth();
}

/** The highest date that the clock has shown by then: one that is turned back over midnight shows that before once more. */
function dayOf(zone: string, instant: number): number {
  const shown = [];
  for (let at = instant; at > instant - 4 * 60 * MINUTE; at -= GRID) shown.push(Math.floor(wallClock(zone, at) / DAY));
  return Math.max(...shown);
}

/** The last time at which the clock showed a full hour, or another hour than just before. */
function beginOfHour(zone: string, instant: number): number {
  const hour = (at: number): number => Math.floor(wallClock(zone, at) / (60 * MINUTE));
  let at = instant;
  while (wallClock(zone, at) % (60 * MINUTE) !== 0 && hour(at) === hour(at - GRID)) at -= GRID;
  return at;
}

const formats = new Map<string, Intl.DateTimeFormat>();
const shownAt = new Map<string, number>();

/** What the clock on the wall shows, as if that were UTC: `2026-03-29 03:15`, read as a text. */
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
