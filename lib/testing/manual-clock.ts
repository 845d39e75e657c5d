import type { Clock } from '../base/clock.js';

interface Timer {
  readonly at: number;
  readonly callback: () => void;
}

/** A clock that advances only on request. */
export class ManualClock implements Clock {
  private time = 0;
  /** In the order in which they were set. */
  protected readonly timers = new Set<Timer>();

  now(): number {
    return this.time;
  }

  setTimer(afterMs: number, callback: () => void): () => void {
    const timer = { at: this.time + afterMs, callback };
    this.timers.add(timer);
    return () => void this.timers.delete(timer);
  }

  /** Advances from timer to timer. */
  pass(ms: number): void {
    const end = this.time + ms;
    while (this.fireFirst(end));
    this.time = end;
  }

  /** Advances to the first timer that is due by `end`, and fires it; false, without advancing, if there is none. */
  protected fireFirst(end: number): boolean {
    const due = this.firstDue(end);
    if (due === undefined) return false;
    this.time = Math.max(this.time, due.at);
    this.timers.delete(due);
    due.callback();
    return true;
  }

  private firstDue(end: number): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.timers) if (timer.at <= end && (first === undefined || timer.at < first.at)) first = timer;
    return first;
  }
}
