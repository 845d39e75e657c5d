import type { Clock } from '../../base/clock.js';

/**
 * Resolves to the result of some work, or to `late` if it takes longer than this many milliseconds of the mill's clock.
 */
export async function withinTime<T, L>(work: Promise<T>, clock: Clock, ms: number, late: L): Promise<T | L> {
  let cancel = (): void => {};
  const timeout = new Promise<L>((resolve) => {
    cancel = clock.setTimer(ms, () => resolve(late));
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    cancel();
  }
}

/** Resolves after this many milliseconds of the mill's clock, or when the signal is aborted. */
export function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const over = (): void => {
      cancel();
      signal.removeEventListener('abort', over);
      resolve();
    };
    const cancel = clock.setTimer(ms, over);
    signal.addEventListener('abort', over, { once: true });
  });
}
