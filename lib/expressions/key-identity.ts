import { isDate } from '../base/date.js';

/** The identity of a key in a Map, among keys that are comparable with it. */
export function identityOf(key: unknown): unknown {
  if (typeof key !== 'object') return key;
  return isDate(key) ? key.getTime() : tupleText(key as readonly unknown[]);
}

/**
 * The parts of a tuple as one text, as its identity in a Map. Comparable tuples have the same types in the same places.
 */
export function tupleText(tuple: readonly unknown[]): string {
  let text = '';
  for (const part of tuple) text += partText(isDate(part) ? part.getTime() : part);
  return text;
}

/** The length prefix makes the combined text unambiguous. */
export function partText(value: unknown): string {
  const text = String(value);
  return `${text.length} ${text}`;
}
