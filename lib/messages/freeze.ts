import { isDate, RealDate } from '../base/date.js';
import { safely } from '../base/shown-value.js';

/**
 * Freezes an element and its contents, and returns it. The setters of its Dates, which freezing does not affect, throw.
 */
export function freezeDeep<T>(value: T, seen = new Set<unknown>()): T {
  // A view of bytes cannot be frozen, nor can the contents of a Map or a Set.
  if (typeof value !== 'object' || value === null || seen.has(value) || ArrayBuffer.isView(value)) return value;
  seen.add(value);
  if (isDate(value) && !Object.isFrozen(value)) refuseSetters(value);
  Object.freeze(value);
  for (const member of Object.values(value)) freezeDeep(member, seen);
  return value;
}

/** Returns whether an error was thrown because a frozen object was to be changed. */
export function isOfFrozen(thrown: unknown): boolean {
  const says = /read[ -]only|not extensible|Cannot (delete|redefine)|frozen/;
  return safely(() => thrown instanceof TypeError && says.test(thrown.message)) === true;
}

function refuseSetters(date: Date): void {
  for (const name of Object.getOwnPropertyNames(RealDate.prototype)) {
    if (!name.startsWith('set')) continue;
    const refuse = (): never => {
      throw new TypeError(`Cannot call ${name} of a frozen Date`);
    };
    Object.defineProperty(date, name, { value: refuse });
  }
}
