import { ManualClock } from '../../lib/testing/manual-clock.js';

/** A clock that a test advances, and that lets all that follows from a timer happen before the next one. */
export class VirtualClock extends ManualClock {
  /** How many timers wait. */
  get pending(): number {
    return this.timers.size;
  }

  async advance(ms: number): Promise<void> {
    const end = this.now() + ms;
    await settled();
    while (this.fireFirst(end)) await settled();
    this.pass(end - this.now());
    await settled();
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
