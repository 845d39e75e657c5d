import { realTime } from '../../base/real-time.js';
import { pauseBefore, type Retry } from '../retry.js';

/** Counts how often each lane had to be opened again since its last commit. */
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
