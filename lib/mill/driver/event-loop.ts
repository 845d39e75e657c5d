const LONGEST_MS = 10;
const STEPS_BETWEEN_LOOKS = 64;

/**
 * Lets the event loop run now and then: a lane whose batches are all at hand would otherwise keep timers, signals and
 * other mills waiting until its end. The clock is looked at once in so many steps; it is the machine's, not the mill's,
 * since this changes no result.
 */
export class EventLoopTurns {
  private steps = 0;
  private last = performance.now();

  /** Whether this is one of the steps in which it pays to look at a clock. */
  step(): boolean {
    this.steps = (this.steps + 1) % STEPS_BETWEEN_LOOKS;
    return this.steps === 0;
  }

  /** A promise to wait for, where the event loop has not run for too long. */
  turn(): Promise<void> | undefined {
    if (performance.now() - this.last < LONGEST_MS) return undefined;
    return new Promise((resolve) => {
      setImmediate(() => {
        this.last = performance.now();
        resolve();
      });
    });
  }
}
