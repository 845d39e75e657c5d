import type { Class } from './class.js';
import { compile } from './compile.js';

/**
 * A test whether a value is an instance of this class. Each class gets code of its own: `instanceof` with a class that
 * never changes is two comparisons, with one out of a variable, or with `Object.getPrototypeOf`, several times as much.
 */
export function instanceTest(type: Class): (value: unknown) => boolean {
  return compile({ type }, 'return (value) => value instanceof type;') ?? ((value) => value instanceof type);
}

/** The same for all of some values. */
export function allInstancesTest(type: Class): (values: readonly unknown[]) => boolean {
  const body =
    'return (values) => { for (let i = 0; i < values.length; i++) if (!(values[i] instanceof type)) return false; return true; };';
  return compile({ type }, body) ?? ((values) => values.every((value) => value instanceof type));
}
