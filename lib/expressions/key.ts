import { isDate, RealDate } from '../base/date.js';

/** A part of a key: any value with an order. Dates are ordered by milliseconds, strings by code unit. */
export type Scalar = number | bigint | string | boolean | Date;

/** The value of a key expression. */
export type Key = Scalar | readonly Scalar[];

/** The types of keys that can be compared with each other. */
export type KeyType = 'number' | 'bigint' | 'string' | 'boolean' | 'Date' | 'tuple';

/**
 * The type of a valid key; undefined if it is missing, null, NaN, infinite, an invalid Date, an empty tuple or an
 * object.
 */
export function keyType(value: unknown): KeyType | undefined {
  switch (typeof value) {
    case 'number':
      return Number.isFinite(value) ? 'number' : undefined;
    case 'bigint':
    case 'string':
    case 'boolean':
      return typeof value as KeyType;
    case 'object':
      if (isDate(value)) return Number.isNaN(value.getTime()) ? undefined : 'Date';
      // `every` and `some` would skip the holes of a sparse array.
      if (Array.isArray(value) && value.length > 0 && value.findIndex(isNoTuplePart) < 0) return 'tuple';
  }
  return undefined;
}

/** Arrays are not valid parts, and are not searched: one may contain itself. */
function isNoTuplePart(part: unknown): boolean {
  return Array.isArray(part) || keyType(part) === undefined;
}

/**
 * Returns whether two values are keys that have an order: of the same type and, for tuples, of the same types in the
 * same places.
 */
export function comparable(a: unknown, b: unknown): boolean {
  const type = keyType(a);
  if (type === undefined || type !== keyType(b)) return false;
  if (type !== 'tuple') return true;
  const left = a as readonly unknown[];
  const right = b as readonly unknown[];
  return left.length === right.length && left.every((part, i) => keyType(part) === keyType(right[i]));
}

/** A copy of a valid key, with no Date or array of it: both can be changed. */
export function copyOfKey<K extends Key>(key: K): K {
  if (typeof key !== 'object') return key;
  return (
    isDate(key) ? copyOfDate(key) : (key as readonly Scalar[]).map((part) => (isDate(part) ? copyOfDate(part) : part))
  ) as K;
}

function copyOfDate(date: Date): Date {
  return new RealDate(date.getTime());
}

/**
 * The order of two comparable keys: negative, zero or positive. `-Infinity` is below and `Infinity` above every key.
 * Numbers are checked first, since nearly all keys are numbers.
 */
export function compareKeys(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a < b ? -1 : a > b ? 1 : 0;
  return compareOthers(a, b);
}

function compareOthers(a: any, b: any): number {
  if (a === b) return 0;
  if (a === Number.NEGATIVE_INFINITY || b === Number.POSITIVE_INFINITY) return -1;
  if (a === Number.POSITIVE_INFINITY || b === Number.NEGATIVE_INFINITY) return 1;
  if (Array.isArray(a)) {
    for (let i = 0; i < a.length; i++) {
      const order = compareKeys(a[i], b[i]);
      if (order !== 0) return order;
    }
    return 0;
  }
  return a < b ? -1 : a > b ? 1 : 0;
}
