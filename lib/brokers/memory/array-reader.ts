import type { Batch } from '../batch.js';
import type { StreamReader } from '../broker.js';

/** All values of an array as one batch, so that none of them is copied. A reader that continues within it gets all of them. */
export class ArrayReader implements StreamReader {
  private isRead = false;

  constructor(private readonly values: readonly unknown[]) {}

  read(): Batch {
    this.isRead = true;
    return { values: this.values, first: 0, mark: 0, end: true, mayHoldEnd: true };
  }

  fraction(): number {
    return this.isRead ? 1 : 0;
  }

  async close(): Promise<void> {}
}
