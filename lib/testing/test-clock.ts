import { realTime } from '../base/real-time.js';
import { ManualClock } from './manual-clock.js';

/** A clock that advances only on request, and that knows when its mill has done everything it can. */
export class TestClock extends ManualClock {
  private isAsleep = false;
  private isOver = false;
  private awaiting: (() => void)[] = [];

  laneSleeps(isAsleep: boolean): void {
    this.isAsleep = isAsleep;
    if (isAsleep) this.notify();
  }

  /** The run is over: nothing more will happen. */
  runIsOver(): void {
    this.isOver = true;
    this.notify();
  }

  /**
   * Resolves when the mill can do nothing without more input or time. Within a turn of the event loop every promise
   * continues that can, so a lane that was woken is awake by then; a running lane reports when it goes to sleep.
   */
  async rest(): Promise<void> {
    for (;;) {
      await new Promise<void>((resolve) => void realTime.setImmediate(resolve));
      if (this.isAsleep || this.isOver) return;
      await new Promise<void>((resolve) => void this.awaiting.push(resolve));
    }
  }

  /**
   * Advances from timer to timer; before each timer, the mill has done everything that follows from the previous one.
   */
  async advance(ms: number): Promise<void> {
    await this.rest();
    const end = this.now() + ms;
    while (this.fireFirst(end)) await this.rest();
    this.pass(end - this.now());
  }

  private notify(): void {
    for (const resolve of this.awaiting.splice(0)) resolve();
  }
}
