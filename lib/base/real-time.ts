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
