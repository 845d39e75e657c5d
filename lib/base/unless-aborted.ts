/**
 * Resolves to the result of some work, or to `aborted` when the signal is. `Promise.race` with a promise that lives as
 * long as the signal would keep every result.
 */
export function unlessAborted<T, A>(work: Promise<T>, signal: AbortSignal, aborted: A): Promise<T | A> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void => resolve(aborted);
    const settle = <V>(done: (value: V) => void) => {
      return (value: V): void => {
        signal.removeEventListener('abort', giveUp);
        done(value);
      };
    };
    signal.addEventListener('abort', giveUp, { once: true });
    if (signal.aborted) giveUp();
    work.then(settle(resolve), settle(reject));
  });
}
