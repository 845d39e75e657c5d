import type { Class } from './class.js';
import { compile } from './compile.js';

/**
 * A test whether a value is an instance of this class. Each class gets code of its own: `instanceof` with a class that
 * never changes is two comparisons, with one out of a variable, or with `Object.getPrototypeOf`, several times as much.
 */
export function instanceTest(type: Class): (value: unknown) => boolean {
  return compile({ type }, 'return (value) => value instanceof type;') ?? ((value) => value instanceof type);
}

/** The same for all values from an index on and before another. */
export type AllInstancesTest = (values: readonly unknown[], from: number, to: number) => boolean;

export function allInstancesTest(type: Class): AllInstancesTest {
  const body =
    'return (values, from, to) => { for (let i = from; i < to; i++) if (!(values[i] instanceof type)) return false; return true; };';
  const slow: AllInstancesTest = (values, from, to) => values.slice(from, to).every((value) => value instanceof type);
  return compile<AllInstancesTest>({ type }, body) ?? slow;
}
