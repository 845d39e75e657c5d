import type { Class } from './class.js';
import { compile } from './compile.js';

/**
 * Text of the condition that a variable is an instance of the class named `type` in generated code. Nearly all instances
 * name their class as their constructor: to look there is cheap long before the engine optimizes, `instanceof` is not.
 */
export function isInstance(variable: string, type: string): string {
  return `(${variable}?.constructor === ${type} || ${variable} instanceof ${type})`;
}

/**
 * A test whether a value is an instance of this class. Each class gets code of its own: with a class out of a variable, or
 * with `Object.getPrototypeOf`, a test costs several times as much.
 */
export function instanceTest(type: Class): (value: unknown) => boolean {
  return compile({ type }, `return (value) => ${isInstance('value', 'type')};`) ?? ((value) => value instanceof type);
}

/** The same for all values from an index on and before another. */
export type AllInstancesTest = (values: readonly unknown[], from: number, to: number) => boolean;

export function allInstancesTest(type: Class): AllInstancesTest {
  const body = `
    return (values, from, to) => {
      for (let i = from; i < to; i++) {
        const value = values[i];
        if (!${isInstance('value', 'type')}) return false;
      }
      return true;
    };`;
  const slow: AllInstancesTest = (values, from, to) => values.slice(from, to).every((value) => value instanceof type);
  return compile<AllInstancesTest>({ type }, body) ?? slow;
}
