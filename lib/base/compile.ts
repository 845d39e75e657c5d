/**
 * Makes a function of source text, or returns undefined if the host forbids that (`--disallow-code-generation-from-strings`);
 * then the caller interprets. Generated code creates for each message class and each key expression separate machine code:
 * one interpreter for all of them reads fields through megamorphic lookups, several times slower.
 * The text is built from names as JSON literals, and from numbers, never from other data. Each text is made different, since
 * V8 keeps what it compiled by its text, and functions of the same text would share what it learns about their arguments. It is
 * strict code, as the interpreters are: what cannot be assigned throws.
 */
export function compile<F extends (...args: any[]) => unknown>(
  scope: Readonly<Record<string, unknown>>,
  body: string,
): F | undefined {
  try {
    return factoryOf(Object.keys(scope), body)(...Object.values(scope)) as F;
  } catch (error) {
    if (error instanceof EvalError) return undefined;
    throw error;
  }
}

let compiled = 0;
/** Functions that were compiled while texts are shared. */
let shared: Map<string, Function> | undefined;

/**
 * Until the function that it returns is called, equal texts are compiled once: for hundreds of mills that run for a
 * millisecond each, and could not make good use of separate machine code.
 */
export function shareCompiled(): () => void {
  shared = new Map();
  return () => {
    shared = undefined;
  };
}

function factoryOf(names: readonly string[], body: string): Function {
  if (shared === undefined) return new Function(...names, `'use strict'; /* ${compiled++} */ ${body}`);
  const text = `${names.join()}: ${body}`;
  const factory = shared.get(text) ?? new Function(...names, `'use strict'; ${body}`);
  shared.set(text, factory);
  return factory;
}
