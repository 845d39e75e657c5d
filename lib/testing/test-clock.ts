import type { Clock } from '../base/clock.js';
import { realTime } from '../base/real-time.js';

interface Timer {
  readonly at: number;
  readonly callback: () => void;
}

/** Time that stands still until it is moved, and that knows when its mill has done all that it can. */
export class TestClock implements Clock {
  private time = 0;
  /** In the order in which they were set. */
  private readonly timers = new Set<Timer>();
  private isAsleep = false;
  private isOver = false;
  private awaiting: (() => void)[] = [];

  now(): number {
    return this.time;
  }

  setTimer(afterMs: number, callback: () => void): () => void {
    const timer = { at: this.time + afterMs, callback };
    this.timers.add(timer);
    return () => void this.timers.delete(timer);
  }

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
   * that can, so a lane that was woken is awake by then; one that is at work says itself when it goes to sleep.
   */
  async rest(): Promise<void> {
    for (;;) {
      await new Promise<void>((resolve) => void realTime.setImmediate(resolve));
      if (this.isAsleep || this.isOver) return;
      await new Promise<void>((resolve) => void this.awaiting.push(resolve));
    }
  }

  /** Moves on from timer to timer; what follows from one has happened before the next rings. */
  async advance(ms: number): Promise<void> {
    await this.rest();
    const end = this.time + ms;
    for (let next = this.firstDue(end); next !== undefined; next = this.firstDue(end)) {
      this.time = Math.max(this.time, next.at);
      this.timers.delete(next);
      next.callback();
      await this.rest();
    }
    this.time = end;
  }

  private firstDue(end: number): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.timers) if (timer.at <= end && (first === undefined || timer.at < first.at)) first = timer;
    return first;
  }

  private tell(): void {
    for (const resolve of this.awaiting.splice(0)) resolve();
  }
}
