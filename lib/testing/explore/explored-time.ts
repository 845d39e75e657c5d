import type { Clock } from '../../base/clock.js';

interface Timer {
  readonly at: number;
  readonly callback: () => void;
}

/** The time of explored mills: it moves where a schedule says so, and never by itself. */
export class ExploredTime implements Clock {
  private time = 0;
  private readonly timers = new Set<Timer>();

  now(): number {
    return this.time;
  }

  setTimer(afterMs: number, callback: () => void): () => void {
    const timer = { at: this.time + afterMs, callback };
    this.timers.add(timer);
    return () => void this.timers.delete(timer);
  }

  pass(ms: number): void {
    const end = this.time + ms;
    for (let due = this.firstDue(end); due !== undefined; due = this.firstDue(end)) {
      this.time = Math.max(this.time, due.at);
      this.timers.delete(due);
      due.callback();
    }
    this.time = end;
  }

  private firstDue(end: number): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.timers) if (timer.at <= end && (first === undefined || timer.at < first.at)) first = timer;
    return first;
  }
}
