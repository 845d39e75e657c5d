import { types } from 'node:util';

/** The engine's own Date class, also if this module is loaded while a fake one is in its place. */
export const RealDate: DateConstructor = realDate();

const { isDate: hasDateSlot } = types;
const { now } = RealDate;
const dateText = textOf(RealDate);

/** Milliseconds since 1970, whatever a fake Date says. */
export const realNow = (): number => now();

/** Whether a value is a Date, also one of a fake class or of another realm (a `vm` context, jest's own). */
export function isDate(value: unknown): value is Date {
  // Nearly all are of our own class, and what is not an object, or is a tuple, needs no call out of the engine.
  return value instanceof RealDate || (typeof value === 'object' && !Array.isArray(value) && hasDateSlot(value));
}

/**
 * Whether a class represents Date: the engine's own, that of another realm, or a fake one that a test has put in its
 * place: those print themselves as Date does. A class that extends Date is none.
 */
export function isDateClass(type: unknown): boolean {
  if (type === RealDate) return true;
  if (typeof type !== 'function' || type.prototype === undefined) return false;
  return type === globalThis.Date || type.prototype === RealDate.prototype || textOf(type) === dateText;
}

/** A fake class extends the real one, or shares its prototype: where `getTime` is, there is the real constructor. */
function realDate(): DateConstructor {
  let prototype: object | null = Date.prototype;
  while (prototype !== null && !Object.hasOwn(prototype, 'getTime')) prototype = Object.getPrototypeOf(prototype);
  return (prototype?.constructor as DateConstructor | undefined) ?? Date;
}

/** As the class prints itself: a fake one says what Date says. */
function textOf(type: unknown): string {
  try {
    return String(type);
  } catch {
    return '';
  }
}
