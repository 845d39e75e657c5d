import { lookAtPath } from './found-file.js';
import type { Journal } from './journal.js';
import { type Arrival, isSame } from './journal-text.js';

/** A file that is being written is not checked more often than this. Milliseconds. */
const leastPauseMs = 10;

/**
 * Waits until a changed file has settled, and records its new state. Returns the new state, or undefined if it is gone
 * or if the wait is aborted.
 */
export async function readmitted(
  journal: Journal,
  arrival: Arrival,
  path: string,
  settleMs: number,
  wait: (ms: number) => Promise<void>,
  signal: AbortSignal,
): Promise<Arrival | undefined> {
  let before = await lookAtPath(path, arrival.name);
  while (before !== undefined && !signal.aborted) {
    await wait(Math.max(settleMs, leastPauseMs));
    const now = await lookAtPath(path, arrival.name);
    if (now === undefined) return undefined;
    if (isSame(before, now)) {
      await journal.append([{ changed: arrival.n, size: now.size, mtimeNs: now.mtimeNs }]);
      return journal.at(arrival.n);
    }
    before = now;
  }
  return undefined;
}
