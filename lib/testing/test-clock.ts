import { realTime } from '../base/real-time.js';
import { ManualClock } from './manual-clock.js';

/** A clock that advances only when it is told to, and that knows when its mill has done all that it can. */
export class TestClock extends ManualClock {
  private isAsleep = false;
  private isOver = false;
  private awaiting: (() => void)[] = [];

  laneSleeps(isAsleep: boolean): void {
    this.isAsleep = isAsleep;
    if (isAsleep) this.tell();
  }

  /** The run is over: nothing more will happen. */
  runIsOver(): void {
    this.isOver = true;
    this.tell();
  }

  /**
   * Resolves when the mill can do nothing without more input or time. A turn of the event loop lets every promise continue
   * that can, so a lane that was woken is awake by then; one that is running says itself when it goes to sleep.
   */
  async rest(): Promise<void> {
    for (;;) {
      await new Promise<void>((resolve) => void realTime.setImmediate(resolve));
      if (this.isAsleep || this.isOver) return;
      await new Promise<void>((resolve) => void this.awaiting.push(resolve));
    }
  }

  /** Advances from timer to timer; before the next timer, the mill has done all that follows from the one before. */
  async advance(ms: number): Promise<void> {
    await this.rest();
    const end = this.now() + ms;
    while (this.fireFirst(end)) await this.rest();
    this.pass(end - this.now());
  }

  private tell(): void {
    for (const resolve of this.awaiting.splice(0)) resolve();
  }
}
