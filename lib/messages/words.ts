import { isDate } from '../base/date.js';
import { listed, quotedText, shownText } from '../base/shown-text.js';
import { classOf, memberOrNothing } from '../base/shown-value.js';
import type { FieldType } from './field-type.js';
import type { IsoUnit } from './iso-time.js';

const longestQuote = 40;
const mostNames = 10;

/** The expected type, in the words of an error. */
export function wordsForType(type: FieldType, nullable = false): string {
  const words = wordsFor(type);
  return nullable ? `${words} or null` : words;
}

function wordsFor(type: FieldType): string {
  switch (type.kind) {
    case 'number':
      return 'a finite number';
    case 'bigint':
      return wordsForBigint(type.iso);
    case 'string':
      return 'a string';
    case 'boolean':
      return 'true or false';
    case 'date':
      return 'a Date (an ISO 8601 string, or milliseconds since 1970)';
    case 'json':
      return 'JSON';
    case 'choice':
      return `one of ${[...type.values].map((value) => JSON.stringify(value)).join(', ')}`;
    case 'message':
      return `an object with the fields of ${type.message.name}`;
    case 'array':
      return 'an array';
  }
}

function wordsForBigint(iso: IsoUnit | undefined): string {
  switch (iso) {
    case undefined:
      return 'a bigint (a decimal string, or an integer up to 2^53 - 1)';
    case 'us':
      return 'microseconds since 1970 (an ISO 8601 string with at most 6 digits of a second; a bigint in memory)';
    case 'ns':
      return 'nanoseconds since 1970 (an ISO 8601 string with at most 9 digits of a second; a bigint in memory)';
  }
}

/** A value in the words of an error: short, and never its whole content. */
export function wordsForValue(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return `the string ${quotedText(value, longestQuote)}`;
    case 'number':
      return wordsForNumber(value);
    case 'bigint':
      return `the bigint ${shortened(`${value}n`)}`;
    case 'object':
      return wordsForObject(value);
    case 'undefined':
      return 'missing';
    case 'boolean':
      return String(value);
    default:
      return `a ${typeof value}`;
  }
}

/** The members of an object, `tme, x and y`: unknown names first, so that a typo is visible. */
export function wordsForMembers(value: object, known: readonly string[]): string {
  const all = Object.keys(value).filter((name) => memberOrNothing(value, name) !== undefined);
  if (all.length === 0) return 'nothing';
  const names = [...all.filter((name) => !known.includes(name)), ...all.filter((name) => known.includes(name))];
  const shown = names.slice(0, mostNames).map((name) => shownText(name, longestQuote));
  return listed(names.length > mostNames ? [...shown, `${names.length - mostNames} more`] : shown);
}

function shortened(digits: string): string {
  return digits.length > longestQuote ? `${digits.slice(0, longestQuote)}…` : digits;
}

function wordsForNumber(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (Number.isFinite(value)) return `the number ${Object.is(value, -0) ? '-0' : value}`;
  return `out of range (${value}: beyond what a number holds)`;
}

function wordsForObject(value: object | null): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (isDate(value)) return Number.isNaN(value.getTime()) ? 'an invalid Date' : `the Date ${value.toISOString()}`;
  const name = classOf(value);
  return name === undefined ? 'an object' : `an object of class ${name}`;
}
