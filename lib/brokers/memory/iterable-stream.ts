import { reasonOf } from '../../base/thrown.js';
import { WaterMillError } from '../../base/watermill-error.js';
import type { Batch } from '../batch.js';
import type { StreamReader } from '../broker.js';
import { IteratorSource, KeptSource, type ValueSource } from './iterator-source.js';
import { batchValues, type MemoryStream } from './memory-stream.js';

/**
 * The values of an iterable. An iterable that can be iterated again (an array, a Set, an object with a generator
 * method) is iterated by each reader; the values of one that cannot (a generator) are kept.
 */
export class IterableStream implements MemoryStream {
  private readonly shared: ValueSource | undefined;

  constructor(
    private readonly label: string,
    private readonly values: Iterable<unknown>,
  ) {
    if ('next' in values) this.shared = new KeptSource(values[Symbol.iterator]());
  }

  openReader(from: number): StreamReader {
    if (Array.isArray(this.values)) return new ArrayReader(this.values);
    return new IterableReader(this.label, this.shared ?? new IteratorSource(this.values[Symbol.iterator]()), from);
  }
}

/**
 * Returns all values of an array as one batch, without copying. A reader that continues within it gets all of them as
 * well.
 */
class ArrayReader implements StreamReader {
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

class IterableReader implements StreamReader {
  constructor(
    private readonly label: string,
    private readonly source: ValueSource,
    private next: number,
  ) {}

  read(): Batch | Promise<Batch> {
    const first = this.next;
    const values = this.source.slice(first, batchValues);
    this.next += values.length;
    const { failure } = this.source;
    if (failure !== undefined && values.length === 0) return Promise.reject(this.failed(failure.cause));
    const ended = values.length < batchValues;
    return { values, first, mark: first, end: ended && failure === undefined, mayHoldEnd: true };
  }

  async close(): Promise<void> {
    this.source.close?.();
  }

  private failed(cause: unknown): WaterMillError {
    const { label, next } = this;
    const found = reasonOf(cause);
    return new WaterMillError(
      'WM_INPUT_FAILED',
      `The iterable of ${label} failed where element ${next} was expected: ${found}. The elements before it were read.`,
      { message: label, stream: label, position: next, expected: 'an element', found },
      { cause },
    );
  }
}
