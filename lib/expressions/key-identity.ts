import { isDate } from '../base/date.js';

/** A value by which a Map finds a key, among keys that can be compared with it. */
export function identityOf(key: unknown): unknown {
  if (typeof key !== 'object') return key;
  return isDate(key) ? key.getTime() : tupleText(key as readonly unknown[]);
}

/** The parts of a tuple as one text, by which a Map finds it. Tuples that are compared have the same types in the same places. */
export function tupleText(tuple: readonly unknown[]): string {
  let text = '';
  for (const part of tuple) text += partText(isDate(part) ? part.getTime() : part);
  return text;
}

/** With its length no text can pass for two. */
export function partText(value: unknown): string {
  const text = String(value);
  return `${text.length} ${text}`;
}
