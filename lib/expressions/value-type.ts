import type { KeyType } from './key.js';

/**
 * A type of key, for a tuple the types of its parts, or `other` for a value that is not a key (an object, an array).
 */
export type ValueType = Exclude<KeyType, 'tuple'> | 'other' | readonly (ValueType | undefined)[];

/** `a number`, `a tuple (number, string)`, `an object or an array`. */
export function describeType(type: ValueType): string {
  if (typeof type === 'object') return `a tuple ${shape(type)}`;
  return type === 'other' ? 'an object or an array' : `a ${type}`;
}

function shape(type: ValueType | undefined): string {
  if (type === undefined) return 'unknown';
  return typeof type === 'object' ? `(${type.map(shape).join(', ')})` : type;
}

/** Returns whether values of these types can be compared, as far as both are known. */
export function mayCompare(a: ValueType | undefined, b: ValueType | undefined): boolean {
  if (a === undefined || b === undefined) return true;
  if (typeof a === 'object' && typeof b === 'object') {
    return a.length === b.length && a.every((part, i) => mayCompare(part, b[i]));
  }
  return a === b;
}

/** The type of the distance between two such values (for Dates: milliseconds); false if they have none. */
export function distanceType(type: ValueType | undefined): 'number' | 'bigint' | false | undefined {
  if (type === undefined || type === 'number' || type === 'bigint') return type;
  return type === 'Date' ? 'number' : false;
}
