import { realTime } from '../../base/real-time.js';

/** The number of retries of an interrupted operation, and the pauses before them, which double. Milliseconds. */
export interface Retry {
  readonly retries: number;
  readonly initialRetryTime: number;
  readonly maxRetryTime: number;
}

/** The pause before an attempt; the first retry is 1. */
export function pauseBefore(attempt: number, { initialRetryTime, maxRetryTime }: Retry): number {
  return Math.min(maxRetryTime, initialRetryTime * 2 ** (attempt - 1));
}

/** Counts how often each lane had to start over since its last commit. */
export class Setbacks {
  private readonly counts = new Map<number, number>();

  constructor(private readonly retry: Retry) {}

  /** Counts one more. Returns false if that is one too many. */
  note(partition: number): boolean {
    const count = (this.counts.get(partition) ?? 0) + 1;
    this.counts.set(partition, count);
    return count <= this.retry.retries;
  }

  forget(partition: number): void {
    this.counts.delete(partition);
  }

  async pause(partition: number): Promise<void> {
    const count = this.counts.get(partition);
    if (count !== undefined) await realTime.sleep(pauseBefore(count, this.retry));
  }
}
