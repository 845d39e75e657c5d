import type { Class } from '../../base/class.js';
import { shownValue } from '../../base/shown-value.js';
import { timeZone } from '../../base/time-zone.js';
import { WaterMillError } from '../../base/watermill-error.js';
import type { KeyOf } from '../../expressions/expression.js';
import type { Key } from '../../expressions/key.js';
import { describeType } from '../../expressions/value-type.js';
import type { Window, WindowBy } from './window.js';
import { makeWindow, orderedKey, splitBy, windowOptions, windowRole, wrongOption } from './window-checks.js';
import type { CalendarUnit } from './window-kinds.js';

/** The unit of the windows, and the zone whose calendar and clock apply. */
export interface CalendarWindowOptions {
  /** A week starts on Monday. */
  unit: CalendarUnit;
  /** The time zone: an IANA name such as `'Europe/Berlin'` or `'UTC'`. */
  zone: string;
}

/**
 * Windows of an hour, a day, a week or a month, by the calendar and the clock of a time zone: a day has 23 hours when
 * daylight saving time begins, and 25 when it ends. The key is a Date, and so are the borders: the start is included,
 * the end is not. A day starts when the local clock first shows its date, even if the clock skips midnight; if an hour
 * occurs twice, each is a window. Windows close as those of `tumblingWindow` do.
 *
 * Memory: the elements of the open window, with their groups.
 *
 * Throws `WM_WINDOW` (also for a zone that the host does not know), `WM_KEY`, `WM_KEY_CLASS`, `WM_KEY_TYPE`,
 * `WM_KEY_ORDER`.
 *
 * @example
 * calendarWindow(Reading, field(Reading, 'at'), { unit: 'day', zone: 'Europe/Berlin', by: field(Reading, 'sensor') })
 */
export function calendarWindow<T, B extends Key = never>(
  master: Class<T>,
  key: KeyOf<T, Date>,
  options: CalendarWindowOptions & WindowBy<T, B>,
): Window<T, Date, B>;
export function calendarWindow(
  master: Class,
  key: unknown,
  options: unknown,
  ...further: readonly unknown[]
): Window<unknown> {
  const role = windowRole('calendarWindow', master);
  const { unit, zone, by } = windowOptions(options, ['unit', 'zone', 'by'], role, further);
  if (!isUnit(unit)) throw wrongOption('unit', "'hour', 'day', 'week' or 'month'", unit, role);
  const description = { type: 'calendar', key: dateKey(key, master, role), unit, zone: knownZone(zone, role) } as const;
  return makeWindow(master, { ...description, ...splitBy(by, master, role) });
}

const known: { readonly [U in CalendarUnit]: true } = { hour: true, day: true, week: true, month: true };

function isUnit(unit: unknown): unit is CalendarUnit {
  return typeof unit === 'string' && Object.hasOwn(known, unit);
}

function knownZone(zone: unknown, role: string): string {
  if (typeof zone === 'string' && timeZone(zone) !== undefined) return zone;
  throw wrongOption(
    'zone',
    "the IANA name of a time zone that this host knows, such as 'Europe/Berlin' or 'UTC'",
    zone,
    role,
  );
}

function dateKey(key: unknown, master: Class, role: string) {
  const expression = orderedKey(key, master, [], role);
  const type = expression.valueType;
  if (type === undefined || type === 'Date') return expression;
  throw new WaterMillError(
    'WM_KEY_TYPE',
    `${role}: the key, ${expression}, is ${describeType(type)}; a calendar needs a Date. Declare the field as a Date, or give ` +
      'a function that makes one: (element) => new Date(element.at).',
    { expected: 'a Date', found: shownValue(type) },
  );
}
