import { isClass } from './class.js';
import { isDate } from './date.js';
import { shared } from './loaded-copies.js';
import { quotedText, shownText } from './shown-text.js';
import { unicodePattern } from './unicode-pattern.js';

const longest = 160;
const mostMembers = 5;
const deepest = 2;

/**
 * A value for display, short and on one line: `"a"`, `10n`, `2026-01-01T00:00:00.000Z`, `[1, 2, … 98 more]`, `{ code:
 * 7, message: "no" }`, `Flight { id: 1 }`. Never throws, whatever the value does when it is inspected.
 */
export function shownValue(value: unknown): string {
  return shownText(safely(() => textOf(value, deepest)) ?? 'a value that cannot be inspected', longest);
}

const ownTexts = shared('own texts', () => new WeakMap<object, () => string>());

/** Has errors show a description by a text instead of its members: `a window over Flight`. */
export function showAs<T extends object>(value: T, text: () => string): T {
  ownTexts.set(value, text);
  return value;
}

/** The text of a description; undefined for any other value. */
export function ownTextOf(value: object): string | undefined {
  return ownTexts.get(value)?.();
}

/** The class name of an object, unless it is a plain object. */
export function classOf(value: object): string | undefined {
  const name = safely(() => Object.getPrototypeOf(value)?.constructor?.name as unknown);
  return typeof name === 'string' && name !== '' && name !== 'Object' ? shownText(name, 100) : undefined;
}

/** The value of a member, or undefined: reading it may run any code. */
export function memberOrNothing(value: unknown, name: PropertyKey): unknown {
  return safely(() => (value as Record<PropertyKey, unknown>)[name]);
}

/** The result of a function, or undefined if it throws. */
export function safely<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}

function textOf(value: unknown, depth: number): string {
  switch (typeof value) {
    case 'string':
      return quotedText(value);
    case 'bigint':
      return shownText(`${value}n`, 100);
    case 'number':
      return Object.is(value, -0) ? '-0' : String(value);
    case 'function':
      return functionText(value);
    case 'object':
      return value === null ? 'null' : objectText(value, depth);
    default:
      return String(value);
  }
}

function functionText(fn: Function): string {
  const name = memberOrNothing(fn, 'name');
  const what = isClass(fn) ? 'the class' : 'the function';
  return typeof name === 'string' && name !== '' ? `${what} ${shownText(name, 100)}` : what.replace('the', 'a');
}

const shortName = unicodePattern(String.raw`^[\p{L}_$][\p{L}\p{N}_$]{0,99}$`);

function objectText(value: object, depth: number): string {
  if (isDate(value)) return Number.isNaN(value.getTime()) ? 'an invalid Date' : value.toISOString();
  if (Array.isArray(value)) return arrayText(value, depth);
  const own = ownTextOf(value);
  if (own !== undefined) return own;
  const name = classOf(value);
  if (depth === 0) return name === undefined ? '{…}' : `${name} {…}`;
  const names = Object.keys(value);
  const members = names.slice(0, mostMembers).map((each) => {
    const member = safely(() => textOf((value as Record<string, unknown>)[each], depth - 1)) ?? '…';
    return `${shortName().test(each) ? each : quotedText(each)}: ${member}`;
  });
  if (names.length > mostMembers) members.push(`… ${names.length - mostMembers} more`);
  const fields = members.length === 0 ? '{}' : `{ ${members.join(', ')} }`;
  return name === undefined ? fields : `${name} ${fields}`;
}

function arrayText(values: readonly unknown[], depth: number): string {
  if (values.length === 0) return '[]';
  if (depth === 0) return '[…]';
  const members = values.slice(0, mostMembers).map((each) => safely(() => textOf(each, depth - 1)) ?? '…');
  if (values.length > mostMembers) members.push(`… ${values.length - mostMembers} more`);
  return `[${members.join(', ')}]`;
}
