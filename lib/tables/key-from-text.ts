import { quotedText } from '../base/shown-text.js';
import { WaterMillError } from '../base/watermill-error.js';
import type { Key, Scalar } from '../expressions/key.js';
import { describeType, type ValueType } from '../expressions/value-type.js';

type Part = Exclude<ValueType, readonly unknown[]> | undefined;

/**
 * Parses a key in a URL: texts unchanged, numbers and bigints in digits, Dates as ISO 8601 or in milliseconds since
 * 1970, tuples part by part. Throws `WM_TABLE_KEY` if the text is not a key of this type; if no type is known, it is a
 * text.
 */
export function keyFromText(text: string, type: ValueType | undefined): Key {
  if (typeof type !== 'object') return scalarFromText(text, type);
  let parts: unknown;
  try {
    parts = JSON.parse(text);
  } catch {
    throw wrong(text, type);
  }
  if (!Array.isArray(parts) || !parts.every((part, i) => isExact(part, type[i]))) throw wrong(text, type);
  return tupleFromTexts(parts.map(String), type);
}

/** Returns whether a part of a tuple in JSON is unchanged as a text: large integers have lost digits. */
function isExact(part: unknown, type: ValueType | undefined): boolean {
  if (typeof part === 'string') return true;
  if (typeof part === 'boolean') return type === 'boolean';
  return type === 'bigint' ? Number.isSafeInteger(part) : typeof part === 'number' && type !== 'string';
}

/** Parses a tuple from one text per part. */
export function tupleFromTexts(texts: readonly string[], type: readonly (ValueType | undefined)[]): Key {
  if (texts.length !== type.length) throw wrong(JSON.stringify(texts), type);
  return texts.map((text, i) => scalarFromText(text, type[i] as Part));
}

function scalarFromText(text: string, type: Part): Scalar {
  switch (type) {
    case 'number':
      if (text.trim() === '' || !Number.isFinite(Number(text))) throw wrong(text, type);
      return Number(text);
    case 'bigint':
      if (!/^-?\d+$/.test(text)) throw wrong(text, type);
      return BigInt(text);
    case 'boolean':
      if (text !== 'true' && text !== 'false') throw wrong(text, type);
      return text === 'true';
    case 'Date': {
      const date = new Date(/^-?\d+$/.test(text) ? Number(text) : text);
      if (Number.isNaN(date.getTime())) throw wrong(text, type);
      return date;
    }
    default:
      return text;
  }
}

const examples: Partial<Record<string, string>> = {
  Date: ', such as 2026-01-31T12:00:00Z',
  boolean: ', true or false',
};

function tupleExample(type: readonly (ValueType | undefined)[]): string {
  return type.includes('bigint') ? ', such as ["a","1"], with large bigints as texts' : ', such as ["a",1]';
}

function wrong(text: string, type: ValueType): WaterMillError {
  const example = typeof type === 'object' ? tupleExample(type) : (examples[type] ?? '');
  const expected = `${describeType(type)}${example}`;
  const found = quotedText(text);
  return new WaterMillError('WM_TABLE_KEY', `The key is ${found}; expected ${expected}.`, { expected, found });
}
