import { realTime } from '../../base/real-time.js';

const tickMs = 100;

/** Thrown if a mill does nothing any more although it is not done. */
export class StandsStill extends Error {
  override readonly name = 'StandsStill';
}

/**
 * Rejects when nothing has happened for some time: no value was read, no call started or ended, nothing was committed.
 */
export function whenStandingStill(activity: () => number, limitMs: number, words: () => string) {
  let end = (): void => {};
  const reached = new Promise<never>((_, reject) => {
    let [seen, ticks] = [activity(), 0];
    // Counts ticks instead of reading the clock: a busy machine has fewer of them.
    const timer = realTime.setInterval(() => {
      const now = activity();
      ticks = now === seen ? ticks + 1 : 0;
      seen = now;
      if (ticks * tickMs >= limitMs) reject(new StandsStill(words()));
    }, tickMs);
    end = () => realTime.clearInterval(timer);
  });
  return { reached, end };
}
