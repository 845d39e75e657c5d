import { realTime } from './real-time.js';

/** The time of a mill: the system's by default, a virtual one in tests. */
export interface Clock {
  /** Milliseconds, never decreasing. */
  now(): number;
  /**
   * Calls back once after this many milliseconds; the returned function cancels that. A timer does not keep the process
   * alive.
   */
  setTimer(afterMs: number, callback: () => void): () => void;
  /**
   * Called when a lane goes to sleep, until input arrives or a timer fires, and when it wakes: code that advances this
   * clock waits for that.
   * @internal
   */
  laneSleeps?(isAsleep: boolean): void;
}

/** 24.8 days. Node shortens longer timeouts to 1 ms. */
export const longestTimerMs = 2 ** 31 - 1;

export const systemClock: Clock = {
  // Not `performance.now()`: its first use loads a large part of Node.
  now: () => process.uptime() * 1000,
  setTimer(afterMs, callback) {
    if (afterMs > longestTimerMs) return setLongTimer(afterMs, callback);
    const timer = realTime.setTimeout(callback, afterMs);
    return () => realTime.clearTimeout(timer);
  },
};

/** In steps that Node's timers support. */
function setLongTimer(afterMs: number, callback: () => void): () => void {
  let cancel = (): void => {};
  const step = (): void => {
    cancel = systemClock.setTimer(afterMs - longestTimerMs, callback);
  };
  cancel = systemClock.setTimer(longestTimerMs, step);
  return () => cancel();
}
