import { types } from 'node:util';

/** The engine's own Date class, even if this module is loaded while a fake one replaces it. */
export const RealDate: DateConstructor = realDate();

const { isDate: hasDateSlot } = types;
const { now } = RealDate;
const dateText = textOf(RealDate);

/** Milliseconds since 1970, whatever a fake Date returns. */
export const realNow = (): number => now();

/** Returns whether a value is a Date, including those of a fake class or another realm (a `vm` context, jest's own). */
export function isDate(value: unknown): value is Date {
  // Nearly all Dates are of our own class; other objects need a call into native code, non-objects and tuples do not.
  return value instanceof RealDate || (typeof value === 'object' && !Array.isArray(value) && hasDateSlot(value));
}

/**
 * Returns whether a class represents Date: the engine's own, that of another realm, or a fake one of a test: they print
 * like Date. A class that extends Date does not count.
 */
export function isDateClass(type: unknown): boolean {
  if (type === RealDate) return true;
  if (typeof type !== 'function' || type.prototype === undefined) return false;
  return type === globalThis.Date || type.prototype === RealDate.prototype || textOf(type) === dateText;
}

/**
 * A fake class extends the real one, or shares its prototype: the prototype with `getTime` has the real constructor.
 */
function realDate(): DateConstructor {
  let prototype: object | null = Date.prototype;
  while (prototype !== null && !Object.hasOwn(prototype, 'getTime')) prototype = Object.getPrototypeOf(prototype);
  return (prototype?.constructor as DateConstructor | undefined) ?? Date;
}

/** The class as text: a fake one returns the text of Date. */
function textOf(type: unknown): string {
  try {
    return String(type);
  } catch {
    return '';
  }
}
