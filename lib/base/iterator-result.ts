/**
 * Returns whether an iterator returned a result. Anything else has no `done` that could ever be true: a number, an
 * empty object, a promise of a result, which only the iterators of [Symbol.asyncIterator] may return.
 */
export function isIteratorResult(step: unknown): step is IteratorResult<unknown, unknown> {
  return typeof step === 'object' && step !== null && ('done' in step || 'value' in step);
}

/**
 * Iterates as `for await` does, which would never end if a step can never be done. `refuse` makes the error for what is
 * not a step.
 */
export async function forEachValue(
  values: Partial<AsyncIterable<unknown> & Iterable<unknown>>,
  refuse: (step: unknown) => Error,
  take: (value: unknown) => void | Promise<void>,
): Promise<void> {
  const async = values[Symbol.asyncIterator]?.();
  const iterator = async ?? (values as Iterable<unknown>)[Symbol.iterator]();
  for (;;) {
    const taken: unknown = iterator.next();
    const step = async === undefined ? taken : await taken;
    if (!isIteratorResult(step)) throw refuse(step);
    if (step.done) return;
    try {
      await take(async === undefined ? await step.value : step.value);
    } catch (error) {
      await Promise.resolve(iterator.return?.()).catch(() => {});
      throw error;
    }
  }
}
