import { systemClock } from '../../base/clock.js';

const LONGEST_MS = 10;
const STEPS_BETWEEN_LOOKS = 64;

/**
 * Lets the event loop run now and then: a lane whose batches are all at hand would otherwise keep timers, signals and
 * other mills waiting until its end. The clock is looked at once in so many steps; it is the machine's, not the mill's,
 * since this changes no result.
 */
export class EventLoopTurns {
  private steps = 0;
  private last = systemClock.now();

  /** Whether it pays to look at a clock after a step of this weight. */
  step(weight = 1): boolean {
    this.steps += weight;
    if (this.steps < STEPS_BETWEEN_LOOKS) return false;
    this.steps = 0;
    return true;
  }

  /** A promise to wait for, where the event loop has not run for too long. */
  turn(): Promise<void> | undefined {
    if (systemClock.now() - this.last < LONGEST_MS) return undefined;
    return new Promise((resolve) => {
      setImmediate(() => {
        this.last = systemClock.now();
        resolve();
      });
    });
  }
}
