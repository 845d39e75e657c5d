import { arithmetic } from './division.js';

/** The source of a key: an expression, or a function of the user's. */
export interface KeyReader {
  /** Safe to detach: it does not use `this`. */
  readonly evaluate: (element: any) => unknown;
  /** The same as JavaScript text, of a variable `element`. */
  readonly code?: string | undefined;
}

/** Text for generated code: the key of a variable `element`, and what it refers to. */
export interface KeyCode {
  readonly text: string;
  readonly scope: Readonly<Record<string, unknown>>;
}

/** A function without text is called by this name. */
export function keyCode({ code, evaluate }: KeyReader, name: string): KeyCode {
  return code === undefined
    ? { text: `${name}(element)`, scope: { [name]: evaluate } }
    : { text: code, scope: arithmetic };
}

/** Text of the condition that a variable holds no number from `low`, which is finite, to below `limit`: NaN fails, too. */
export function isNoNumberFrom(variable: string, low: string, limit: string): string {
  return `typeof ${variable} !== 'number' || !(${variable} >= ${low} && ${variable} < ${limit})`;
}
