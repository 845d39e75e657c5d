import { RealDate } from '../base/date.js';

/** Micro- or nanoseconds. */
export type IsoUnit = 'us' | 'ns';

const isoTime = /^([+-]\d{6}|\d{4})-(\d{2})-(\d{2})(?:T(\d{2}):\d{2}(?::\d{2}(?:\.(\d+))?)?(Z|[+-]\d{2}:?\d{2})?)?$/;

/** The parts of a text: 4 is the hour, 5 the digits of the fraction, 6 the time zone. */
export type IsoParts = readonly (string | undefined)[];

/**
 * The parts of an instant in ISO 8601. Date.parse alone would accept `Jan 1`, turn 30 February into 2 March, and read a
 * time without a time zone as a different instant on each machine.
 */
export function isoParts(text: string): IsoParts | undefined {
  const parts: IsoParts | null = isoTime.exec(text);
  if (parts === null || (parts[4] !== undefined && parts[6] === undefined)) return undefined;
  const day = Number(parts[3]);
  if (day <= 28) return parts;
  const monthEnd = new RealDate(0);
  monthEnd.setUTCFullYear(Number(parts[1]), Number(parts[2]), 0);
  return day <= monthEnd.getUTCDate() ? parts : undefined;
}

/** Returns whether a text is a date and time without a time zone. */
export function lacksZone(text: string): boolean {
  const parts = isoTime.exec(text);
  return parts?.[4] !== undefined && parts[6] === undefined;
}

/** Returns whether a text seems to be a date in a form that is not read: ISO 8601 has many. */
export function isOtherForm(text: string): boolean {
  return /^[+-]?\d{4}/.test(text) && !isoTime.test(text);
}

/** Returns whether this many fractional digits are sufficient. */
export function lossless(parts: IsoParts, digits: number): boolean {
  const fraction = parts[5];
  return fraction === undefined || fraction.length <= digits || !/[1-9]/.test(fraction.slice(digits));
}

const perMillisecond = { us: 1_000n, ns: 1_000_000n };
const digitsBehind = { us: 3, ns: 6 };

/** Converts whole milliseconds, plus the further digits of a text, to this unit. */
export function withDigits(milliseconds: number, parts: IsoParts, unit: IsoUnit): bigint {
  const digits = digitsBehind[unit];
  const behind = (parts[5] ?? '').slice(3, 3 + digits).padEnd(digits, '0');
  return BigInt(milliseconds) * perMillisecond[unit] + BigInt(behind);
}

/**
 * The text of micro- or nanoseconds since 1970, with all digits; undefined outside of the years that a Date supports.
 */
export function isoText(instant: bigint, unit: IsoUnit): string | undefined {
  const per = perMillisecond[unit];
  const behind = ((instant % per) + per) % per;
  const date = new RealDate(Number((instant - behind) / per));
  if (Number.isNaN(date.getTime())) return undefined;
  return `${date.toISOString().slice(0, -1)}${String(behind).padStart(digitsBehind[unit], '0')}Z`;
}
