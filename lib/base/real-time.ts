import { clearInterval, clearTimeout, setImmediate, setInterval, setTimeout } from 'node:timers';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * The timers as of when this module was loaded. Fake timers of a test (jest, sinon, vitest) replace the globals later,
 * and would have to be advanced. To control the time of a mill, a test passes a `clock`.
 */
export const realTime = Object.freeze({
  clearInterval,
  clearTimeout,
  setImmediate,
  setInterval,
  setTimeout,
  /** Resolves after this many milliseconds. */
  sleep,
});

/** Waits for work, at most this many milliseconds; the work continues. Rejects if the work does before. */
export async function within(ms: number, work: Promise<unknown>): Promise<void> {
  const over = new AbortController();
  const patience = realTime.sleep(ms, undefined, { signal: over.signal }).catch(() => {});
  await Promise.race([work, patience]).finally(() => over.abort());
}
