import type { Class } from './class.js';
import { compile } from './compile.js';

/**
 * The code of the condition that a variable is an instance of the class named `type`. Nearly all instances have their
 * class as constructor: that check is cheap even before the engine optimizes, `instanceof` is not.
 */
function isInstance(variable: string, type: string): string {
  return `(${variable}?.constructor === ${type} || ${variable} instanceof ${type})`;
}

/** The code of the condition that a variable is an instance of exactly the class named `type`, not of a subclass. */
export function isExactly(variable: string, type: string): string {
  return `${variable}?.constructor === ${type}`;
}

/**
 * Makes the test whether a value is an instance of exactly this class. Each class gets separate code: with the class in
 * a variable, or with `Object.getPrototypeOf`, a test costs several times as much.
 */
export function exactTest(type: Class): (value: unknown) => boolean {
  const test: (value: any) => boolean = (value) => value?.constructor === type;
  return compile({ type }, `return (value) => ${isExactly('value', 'type')};`) ?? test;
}

/** Tests whether all values from index `from` to before `to` are instances of one class. */
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
