import { isDate, RealDate } from '../base/date.js';

const isoDate = /^([+-]\d{6}|\d{4})-(\d{2})-(\d{2})(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$/;

/** The Date that a JSON value stands for, or undefined. Fractions of a millisecond are cut, as a Date has none. */
export function dateOf(value: unknown): Date | undefined {
  let date: Date;
  if (typeof value === 'string') {
    if (!isInstant(value)) return undefined;
    date = new RealDate(value);
  } else if (typeof value === 'number') {
    date = new RealDate(value);
  } else if (isDate(value)) {
    date = value;
  } else {
    return undefined;
  }
  return Number.isNaN(date.getTime()) ? undefined : date;
}

/**
 * Date.parse alone would take `Jan 1`, make 2 March of 30 February, and read a time without a zone as another instant
 * on every machine.
 */
function isInstant(text: string): boolean {
  const parts = isoDate.exec(text);
  if (parts === null || (parts[4] !== undefined && parts[7] === undefined)) return false;
  const day = Number(parts[3]);
  if (day <= 28) return true;
  const monthEnd = new RealDate(0);
  monthEnd.setUTCFullYear(Number(parts[1]), Number(parts[2]), 0);
  return day <= monthEnd.getUTCDate();
}

/** Whether a text is a date and time that lacks only its zone. */
export function lacksZone(text: string): boolean {
  const parts = isoDate.exec(text);
  return parts?.[4] !== undefined && parts[7] === undefined;
}

/** The bigint that a JSON value stands for, or undefined. A number past 2^53 has lost digits before anyone could look. */
export function bigintOf(value: unknown): bigint | undefined {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'string') return /^-?\d+$/.test(value) ? BigInt(value) : undefined;
  return Number.isSafeInteger(value) ? BigInt(value as number) : undefined;
}
