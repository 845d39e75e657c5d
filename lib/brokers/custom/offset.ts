import { isDate } from '../../base/date.js';
import type { Json } from '../../base/json.js';
import { shownValue } from '../../base/shown-value.js';

/**
 * Why a value is not an offset, in words; undefined if it is one. Offsets are part of a commit, so they must be JSON.
 */
export function offsetFault(value: unknown, depth = 0): string | undefined {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return undefined;
    case 'number':
      return Number.isFinite(value) ? undefined : `the number ${value}, which JSON cannot hold`;
    case 'object':
      return value === null ? undefined : structureFault(value, depth);
    case 'bigint':
      return `the bigint ${shownValue(value)}, which JSON cannot represent: use String(value)`;
    case 'undefined':
      return 'undefined';
    default:
      return `a ${typeof value}`;
  }
}

/** Deeper than any offset needs, and safe for the stack. */
const mostDepth = 32;

function structureFault(value: object, depth: number): string | undefined {
  if (depth === mostDepth) return 'a value that is nested too deep, or contains itself';
  if (isDate(value)) return `${shownValue(value)}, a Date, which JSON turns into text: use value.toISOString()`;
  const prototype = Object.getPrototypeOf(value);
  const isPlain = Array.isArray(value) || prototype === null || Object.getPrototypeOf(prototype) === null;
  if (!isPlain) return `${shownValue(value)}, an object of a class, which JSON does not restore`;
  for (const part of Object.values(value)) {
    const fault = offsetFault(part, depth + 1);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** Compares by value; the order of an object's members does not matter. */
export function sameOffset(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const [left, right] = [new Map(Object.entries(a)), new Map(Object.entries(b))];
  return (
    left.size === right.size && [...left].every(([name, part]) => right.has(name) && sameOffset(part, right.get(name)))
  );
}

/** A copy of an offset: sources may change and reuse an object. */
export function ownOffset<O extends Json | undefined>(offset: O): O {
  return typeof offset === 'object' && offset !== null ? structuredClone(offset) : offset;
}

/** Returns whether `to` comes after `after`: numbers by value; others must at least differ. */
export function liesBehind(to: Json, after: Json | undefined): boolean {
  if (after === undefined) return true;
  if (typeof to === 'number' && typeof after === 'number') return to > after;
  return !sameOffset(to, after);
}
