import { isDate, RealDate } from '../base/date.js';
import { safely } from '../base/shown-value.js';

/** Freezes an element and all that is inside it, and returns it back. The setters of a Date, which freezing leaves alone, throw. */
export function freezeDeep<T>(value: T, seen = new Set<unknown>()): T {
  // A view of bytes cannot be frozen, nor what a Map or a Set holds.
  if (typeof value !== 'object' || value === null || seen.has(value) || ArrayBuffer.isView(value)) return value;
  seen.add(value);
  if (isDate(value) && !Object.isFrozen(value)) refuseSetters(value);
  Object.freeze(value);
  for (const member of Object.values(value)) freezeDeep(member, seen);
  return value;
}

/** Whether something was thrown because what was to be changed is frozen. */
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
