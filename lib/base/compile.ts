/**
 * Makes a function of source text, or gives undefined where the host forbids that (`--disallow-code-generation-from-strings`);
 * then the caller interprets. Generated code gives each message class and each key expression machine code of its own:
 * one interpreter for all of them reads fields through megamorphic lookups, several times slower.
 * The text is built from names as JSON literals only, never from data.
 */
export function compile<F extends (...args: any[]) => unknown>(
  scope: Readonly<Record<string, unknown>>,
  body: string,
): F | undefined {
  try {
    return new Function(...Object.keys(scope), body)(...Object.values(scope)) as F;
  } catch (error) {
    if (error instanceof EvalError) return undefined;
    throw error;
  }
}
