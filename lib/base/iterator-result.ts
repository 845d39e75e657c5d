/**
 * Returns whether an iterator returned a result. Anything else has no `done` that could ever be true: a number, an
 * empty object, a promise of a result, which only the iterators of [Symbol.asyncIterator] may return.
 */
export function isIteratorResult(step: unknown): step is IteratorResult<unknown, unknown> {
  return typeof step === 'object' && step !== null && ('done' in step || 'value' in step);
}
