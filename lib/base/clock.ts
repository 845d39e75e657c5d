/** Time as the mill sees it: the system's by default, a virtual one in tests. */
export interface Clock {
  /** Milliseconds, never decreasing. */
  now(): number;
  /** Calls back once after so many milliseconds; the result takes that back. A timer does not keep the process alive. */
  setTimer(afterMs: number, callback: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  setTimer(afterMs, callback) {
    const timer = setTimeout(callback, afterMs);
    return () => clearTimeout(timer);
  },
};
