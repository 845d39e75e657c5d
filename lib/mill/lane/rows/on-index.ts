import { type Row } from './row.js';
import { RowQueue } from './row-queue.js';

const FIRST_SIZE = 2;

const noRows = new RowQueue(FIRST_SIZE);

/**
 * A hash index over the rows that a node holds, by their `on` values, in stream order: a parent row visits only the
 * rows with its own values, however many others are in its band. Rows that are gone stay until the next sweep, as in
 * the main queue.
 */
export class OnIndex {
  private readonly queues = new Map<unknown, RowQueue>();
  /** The values of the rows that became gone since the last sweep. */
  private readonly gone = new Set<unknown>();

  /** The rows with this value; none for undefined. */
  get(on: unknown): RowQueue {
    return (on !== undefined && this.queues.get(on)) || noRows;
  }

  add(row: Row): void {
    if (row.on === undefined) return;
    let queue = this.queues.get(row.on);
    if (queue === undefined) {
      queue = new RowQueue(FIRST_SIZE);
      this.queues.set(row.on, queue);
    }
    queue.push(row);
  }

  /** Removes the first row of all, which left the main queue. A row that is gone is removed by the sweep. */
  drop(row: Row): void {
    if (row.on === undefined || row.gone) return;
    const queue = this.queues.get(row.on) as RowQueue;
    while (queue.shift() !== row);
    if (queue.size === 0) this.queues.delete(row.on);
  }

  markGone(row: Row): void {
    if (row.on === undefined) return;
    (this.queues.get(row.on) as RowQueue).markGone(row);
    this.gone.add(row.on);
  }

  sweep(): void {
    if (this.gone.size === 0) return;
    for (const on of this.gone) {
      const queue = this.queues.get(on);
      queue?.sweep();
      if (queue?.size === 0) this.queues.delete(on);
    }
    this.gone.clear();
  }
}
