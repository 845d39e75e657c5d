import { WaterMillError } from '../../base/watermill-error.js';
import { EndOfStream } from '../../messages/end-of-stream.js';
import { makeSnapshots } from '../../messages/index.js';
import type { Batch } from '../batch.js';
import type { StreamReader } from '../broker.js';
import type { BackPressure } from './back-pressure.js';
import { batchValues, type MemoryStream } from './memory-stream.js';

/** A stream to push into while a mill runs. Pushed values are kept, so that a later run can continue from a commit. */
export class PushedStream implements MemoryStream {
  readonly values: unknown[] = [];
  private readonly snapshot = makeSnapshots();
  ended = false;
  /** The number of values taken by the furthest reader: a reader that lags must not block the pushes it waits for. */
  private taken = 0;
  private readonly readers = new Set<PushedReader>();

  constructor(
    private readonly label: string,
    private readonly capacity: number,
    readonly pressure: BackPressure,
  ) {}

  push(elements: readonly unknown[]): void | Promise<void> {
    const mark = elements.findIndex((element) => element instanceof EndOfStream);
    if (this.ended && elements.length > 0) throw this.refused('nothing after its end', 'a push');
    if (mark >= 0 && mark < elements.length - 1) throw this.refused('EndOfStream as the last element', 'more after it');
    for (let i = 0; i < (mark < 0 ? elements.length : mark); i++) this.values.push(this.snapshot(elements[i]));
    if (mark >= 0) this.ended = true;
    this.wake();
    if (!this.ended && this.values.length - this.taken > this.capacity) return this.pressure.wait();
  }

  end(): void {
    this.ended = true;
    this.wake();
  }

  openReader(from: number): StreamReader {
    const reader = new PushedReader(this, from);
    this.readers.add(reader);
    return reader;
  }

  tookTo(index: number): void {
    const wasFull = this.values.length - this.taken > this.capacity;
    this.taken = Math.max(this.taken, index);
    if (wasFull && this.values.length - this.taken <= this.capacity) this.pressure.lift();
  }

  closed(reader: PushedReader): void {
    this.readers.delete(reader);
  }

  private wake(): void {
    for (const reader of this.readers) reader.wake();
  }

  private refused(expected: string, found: string): WaterMillError {
    return new WaterMillError('WM_PUSH', `The stream of ${this.label} accepts ${expected}, found ${found}.`, {
      message: this.label,
      stream: this.label,
      position: this.values.length,
      expected,
      found,
    });
  }
}

class PushedReader implements StreamReader {
  private pending: ((batch: Batch) => void) | undefined;

  constructor(
    private readonly stream: PushedStream,
    private next: number,
  ) {}

  read(): Batch | Promise<Batch> {
    if (this.hasMore) return this.take();
    this.stream.pressure.readWaits();
    return new Promise((resolve) => {
      this.pending = resolve;
    });
  }

  waitsForMore(): boolean {
    return this.pending !== undefined;
  }

  wake(): void {
    if (this.pending !== undefined && this.hasMore) this.settle(this.take());
  }

  async close(): Promise<void> {
    this.stream.closed(this);
    if (this.pending !== undefined) this.settle(this.take());
  }

  private get hasMore(): boolean {
    return this.stream.ended || this.next < this.stream.values.length;
  }

  private settle(batch: Batch): void {
    this.pending?.(batch);
    this.pending = undefined;
    this.stream.pressure.readSettled();
  }

  private take(): Batch {
    const { stream, next: first } = this;
    const values = stream.values.slice(first, first + batchValues);
    this.next = first + values.length;
    stream.tookTo(this.next);
    return { values, first, mark: first, end: stream.ended && this.next === stream.values.length };
  }
}
