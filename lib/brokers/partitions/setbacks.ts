import { realTime } from '../../base/real-time.js';

/** How often what was interrupted is tried again, and after which pauses, which double. Milliseconds. */
export interface Retry {
  readonly retries: number;
  readonly initialRetryTime: number;
  readonly maxRetryTime: number;
}

/** The pause before an attempt; the first repetition is 1. */
export function pauseBefore(attempt: number, { initialRetryTime, maxRetryTime }: Retry): number {
  return Math.min(maxRetryTime, initialRetryTime * 2 ** (attempt - 1));
}

/** How often each lane had to start over since it last committed. */
export class Setbacks {
  private readonly counts = new Map<number, number>();

  constructor(private readonly retry: Retry) {}

  /** Counts one more; false if that is one too many. */
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
