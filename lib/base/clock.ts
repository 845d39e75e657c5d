import { realTime } from './real-time.js';

/** Time as the mill sees it: the system's by default, a virtual one in tests. */
export interface Clock {
  /** Milliseconds, never decreasing. */
  now(): number;
  /** Calls back once after this many milliseconds; the result takes that back. A timer does not keep the process alive. */
  setTimer(afterMs: number, callback: () => void): () => void;
  /**
   * Notified when a lane goes to sleep, until input arrives or a timer fires, and when it wakes: whatever advances this clock
   * waits for that.
   * @internal
   */
  laneSleeps?(isAsleep: boolean): void;
}

/** Node makes 1 ms of what is longer. */
export const longestTimerMs = 2 ** 31 - 1;

export const systemClock: Clock = {
  // Not `performance.now()`: its first use loads a good part of Node.
  now: () => process.uptime() * 1000,
  setTimer(afterMs, callback) {
    const timer = realTime.setTimeout(callback, Math.min(afterMs, longestTimerMs));
    return () => realTime.clearTimeout(timer);
  },
};
