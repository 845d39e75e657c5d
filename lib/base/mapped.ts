/** Maps the values of an iterable lazily. */
export function mapped<A, B>(values: Iterable<A>, map: (value: A) => B): Iterable<B> {
  return {
    *[Symbol.iterator]() {
      for (const value of values) yield map(value);
    },
  };
}
