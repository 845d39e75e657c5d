import { arithmetic } from './arithmetic.js';

/** The source of a key: an expression, or a function of the user. */
export interface KeyReader {
  /** Does not use `this`, so it can be detached. */
  readonly evaluate: (element: any) => unknown;
  /** The same computation as JavaScript code, for a variable `element`. */
  readonly code?: string | undefined;
  /** Its name in error messages. Default: its text. */
  readonly inErrors?: string;
}

/** The name of a key in error messages. */
export function keyInErrors(source: KeyReader & { toString(): string }): string {
  return source.inErrors ?? String(source);
}

/** The code of a key for a variable `element`, and the names that it refers to. */
export interface KeyCode {
  readonly text: string;
  readonly scope: Readonly<Record<string, unknown>>;
}

/** A function without code is called by this name. */
export function keyCode({ code, evaluate }: KeyReader, name: string): KeyCode {
  return code === undefined
    ? { text: `${name}(element)`, scope: { [name]: evaluate } }
    : { text: code, scope: arithmetic };
}

/**
 * The code of the condition that a variable is not a number from `low`, which is finite, to below `limit`. NaN is not
 * either.
 */
export function isNoNumberFrom(variable: string, low: string, limit: string): string {
  return `typeof ${variable} !== 'number' || !(${variable} >= ${low} && ${variable} < ${limit})`;
}
