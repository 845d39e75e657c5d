import { isDate, RealDate } from '../base/date.js';
import { type IsoUnit, isoParts, lossless, withDigits } from './iso-time.js';

/**
 * The Date of a JSON value, or undefined. A Date has whole milliseconds: a fraction is refused, or cut off (`cuts`),
 * towards the past for both text and numbers.
 */
export function dateOf(value: unknown, cuts: boolean): Date | undefined {
  let date: Date;
  if (typeof value === 'string') {
    const parts = isoParts(value);
    if (parts === undefined || !(cuts || lossless(parts, 3))) return undefined;
    date = new RealDate(value);
  } else if (typeof value === 'number') {
    if (!(cuts || Number.isInteger(value))) return undefined;
    date = new RealDate(Math.floor(value));
  } else if (isDate(value)) {
    date = value;
  } else {
    return undefined;
  }
  return Number.isNaN(date.getTime()) ? undefined : date;
}

/** The bigint of a JSON value, or undefined. A number beyond 2^53 has lost digits when it was parsed. */
export function bigintOf(value: unknown): bigint | undefined {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'string') return /^-?\d+$/.test(value) ? BigInt(value) : undefined;
  return Number.isSafeInteger(value) ? BigInt(value as number) : undefined;
}

/** The micro- or nanoseconds since 1970 of an ISO 8601 text, or undefined. Finer digits as in `dateOf`. */
export function instantOf(value: unknown, unit: IsoUnit, cuts: boolean): bigint | undefined {
  if (typeof value === 'bigint') return value;
  if (typeof value !== 'string') return undefined;
  const parts = isoParts(value);
  if (parts === undefined || !(cuts || lossless(parts, unit === 'us' ? 6 : 9))) return undefined;
  const milliseconds = RealDate.parse(value);
  return Number.isNaN(milliseconds) ? undefined : withDigits(milliseconds, parts, unit);
}
