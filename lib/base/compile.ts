/**
 * Compiles a function from source text. Returns undefined if the host forbids that
 * (`--disallow-code-generation-from-strings`); then the caller interprets. Generated code gives each message class and
 * each key expression its own machine code: one interpreter for all would read fields through megamorphic lookups,
 * several times slower. The text consists of names as JSON literals and of numbers, never of other data. Each text is
 * made unique, since V8 caches compiled code by its text, and functions with the same text would share type feedback.
 * It is strict code, like the interpreters: assigning to a read-only property throws.
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
/** Compiled functions, while texts are shared. */
let shared: Map<string, Function> | undefined;

/**
 * Compiles equal texts only once until the returned function is called: for hundreds of mills that run for a
 * millisecond each and would not profit from machine code of their own.
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
