import { clearInterval, clearTimeout, setImmediate, setInterval, setTimeout } from 'node:timers';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * The timers as they were when this module was loaded. Fake timers of a test (jest, sinon, vitest) replace the globals
 * later: what is looked up then waits until they are advanced. A test that wants to move a mill's time gives the
 * mill a `clock`.
 */
export const realTime = Object.freeze({
  clearInterval,
  clearTimeout,
  setImmediate,
  setInterval,
  setTimeout,
  /** A promise that is kept after this many milliseconds. */
  sleep,
});

/** Waits for work, but not for longer than this many milliseconds; it is left alone then. Rejects if the work does before. */
export async function within(ms: number, work: Promise<unknown>): Promise<void> {
  const over = new AbortController();
  const patience = realTime.sleep(ms, undefined, { signal: over.signal }).catch(() => {});
  await Promise.race([work, patience]).finally(() => over.abort());
}
