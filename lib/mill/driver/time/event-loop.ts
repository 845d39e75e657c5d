import { systemClock } from '../../../base/clock.js';
import { realTime } from '../../../base/real-time.js';

const LONGEST_MS = 10;
const FEWEST_STEPS = 8;
const MOST_STEPS = 1024;

/**
 * Lets the event loop run from time to time: otherwise a lane whose batches are all available would block timers,
 * signals and other mills until its end. The clock is checked about every millisecond, after a number of steps that
 * adapts. It is the machine's clock, not the mill's: it does not affect results.
 */
export class EventLoopTurns {
  private steps = 0;
  private stepsBetween = 64;
  private turned = systemClock.now();
  private looked = this.turned;

  /** Counts a step of this weight. Returns whether to check the clock. */
  step(weight = 1): boolean {
    this.steps += weight;
    if (this.steps < this.stepsBetween) return false;
    this.steps = 0;
    return true;
  }

  /** Returns a promise to wait for if the event loop has not run for too long. */
  turn(): Promise<void> | undefined {
    const now = systemClock.now();
    this.adapt(now - this.looked);
    this.looked = now;
    if (now - this.turned < LONGEST_MS) return undefined;
    return new Promise((resolve) => {
      realTime.setImmediate(() => {
        this.turned = systemClock.now();
        this.looked = this.turned;
        resolve();
      });
    });
  }

  private adapt(elapsedMs: number): void {
    if (elapsedMs < LONGEST_MS / 16) this.stepsBetween = Math.min(this.stepsBetween * 2, MOST_STEPS);
    else if (elapsedMs > LONGEST_MS / 4) this.stepsBetween = Math.max(this.stepsBetween / 2, FEWEST_STEPS);
  }
}
