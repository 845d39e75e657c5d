import { isClass } from '../../base/class.js';
import { quotedText } from '../../base/shown-text.js';
import { classOf, memberOrNothing, ownTextOf, safely, shownValue } from '../../base/shown-value.js';

/** A value as named in errors: a class by its name, an object by its class, anything else by its type. */
export function describeValue(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === 'function') return isClass(value) ? `the class ${value.name}` : `a function`;
  if (safely(() => Array.isArray(value))) return 'an array';
  if (typeof value !== 'object') return `the ${typeof value} ${shownValue(value)}`;
  const own = ownTextOf(value);
  if (own !== undefined) return own;
  if (memberOrNothing(value, 'what') === 'process') return 'a processFunction';
  const name = classOf(value);
  return name === undefined ? 'a plain object' : `an instance of ${name}`;
}

/** `1 edge`, `2 edges`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** A token as displayed. */
export function printToken(token: unknown): string {
  if (typeof token === 'function') return token.name || 'an unnamed class';
  if (typeof token === 'string') return quotedText(token);
  if (typeof token === 'object' && token !== null) {
    const inner = memberOrNothing(token, 'description');
    return typeof inner === 'string' ? inner : describeValue(token);
  }
  return String(token);
}
