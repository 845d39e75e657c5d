/**
 * Makes a function of source text, or gives undefined where the host forbids that (`--disallow-code-generation-from-strings`);
 * then the caller interprets. Generated code gives each message class and each key expression machine code of its own:
 * one interpreter for all of them reads fields through megamorphic lookups, several times slower.
 * The text is built from names as JSON literals only, never from data. Each text is made different, since V8 keeps what it
 * compiled by its text, and functions of the same text would share what it learns about their arguments. It is strict code, as
 * the interpreters are: what cannot be assigned throws.
 */
export function compile<F extends (...args: any[]) => unknown>(
  scope: Readonly<Record<string, unknown>>,
  body: string,
): F | undefined {
  try {
    return new Function(...Object.keys(scope), `'use strict'; /* ${compiled++} */ ${body}`)(
      ...Object.values(scope),
    ) as F;
  } catch (error) {
    if (error instanceof EvalError) return undefined;
    throw error;
  }
}

let compiled = 0;
