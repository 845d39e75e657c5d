import type { Clock } from '../../lib/base/clock.js';

/** Time that stands still until a test moves it. */
export class VirtualClock implements Clock {
  private time = 0;
  private readonly timers = new Set<{ readonly at: number; readonly callback: () => void }>();

  now(): number {
    return this.time;
  }

  setTimer(afterMs: number, callback: () => void): () => void {
    const timer = { at: this.time + afterMs, callback };
    this.timers.add(timer);
    return () => void this.timers.delete(timer);
  }

  /** How many timers wait. */
  get pending(): number {
    return this.timers.size;
  }

  /** Lets what is at hand happen, moves on timer by timer, and lets what follows happen. */
  async advance(ms: number): Promise<void> {
    const end = this.time + ms;
    await settled();
    for (let next = this.due(end); next !== undefined; next = this.due(end)) {
      this.time = Math.max(this.time, next.at);
      this.timers.delete(next);
      next.callback();
      await settled();
    }
    this.time = end;
    await settled();
  }

  private due(end: number) {
    const ready = [...this.timers].filter((timer) => timer.at <= end);
    return ready.sort((a, b) => a.at - b.at)[0];
  }
}

/** Resolves when nothing is left to do without more input: every promise that can settle has. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
}

/** Lets the event loop turn until this is so; a test that waits for what never comes fails within a minute. */
export async function until(isSo: () => boolean): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!isSo()) {
    if (performance.now() > deadline) throw new Error(`This was not so within a minute: ${isSo}`);
    await settled();
  }
}
