import type { Class } from './class.js';
import { compile } from './compile.js';

/**
 * Text of the condition that a variable is an instance of the class named `type` in generated code. Nearly all instances
 * name their class as their constructor: to look there is cheap long before the engine optimizes, `instanceof` is not.
 */
export function isInstance(variable: string, type: string): string {
  return `(${variable}?.constructor === ${type} || ${variable} instanceof ${type})`;
}

/** Text of the condition that a variable is an instance of just the class named `type`, and of none that extends it. */
export function isExactly(variable: string, type: string): string {
  return `${variable}?.constructor === ${type}`;
}

/**
 * A test whether a value is an instance of just this class. Each class gets separate code: with a class out of a variable, or
 * with `Object.getPrototypeOf`, a test costs several times as much.
 */
export function exactTest(type: Class): (value: unknown) => boolean {
  const test: (value: any) => boolean = (value) => value?.constructor === type;
  return compile({ type }, `return (value) => ${isExactly('value', 'type')};`) ?? test;
}

/** A test whether all values from an index on and before another are instances of one class. */
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
