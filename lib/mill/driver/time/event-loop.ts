import { systemClock } from '../../../base/clock.js';
import { realTime } from '../../../base/real-time.js';

const LONGEST_MS = 10;
const FEWEST_STEPS = 8;
const MOST_STEPS = 1024;

/**
 * Lets the event loop run from time to time: a lane whose batches are all available would otherwise keep timers, signals and
 * other mills waiting until its end. The clock is looked at after as many steps as take about a millisecond; it is the
 * machine's, not the mill's, since this changes no result.
 */
export class EventLoopTurns {
  private steps = 0;
  private stepsBetween = 64;
  private turned = systemClock.now();
  private looked = this.turned;

  /** Whether it pays to look at a clock after a step of this weight. */
  step(weight = 1): boolean {
    this.steps += weight;
    if (this.steps < this.stepsBetween) return false;
    this.steps = 0;
    return true;
  }

  /** A promise to wait for, where the event loop has not run for too long. */
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
