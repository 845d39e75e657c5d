import type { Clock } from '../../base/clock.js';
import { forEachValue } from '../../base/iterator-result.js';
import type { Json } from '../../base/json.js';
import { shownValue } from '../../base/shown-value.js';
import { isWaterMillError } from '../../base/watermill-error.js';
import { EndOfStream, makeSnapshots } from '../../messages/index.js';
import type { Batch } from '../batch.js';
import type { StreamReader } from '../broker.js';
import { askForBatch, endOfFirst, notTheSameBatch } from './ask-for-batch.js';
import type { AnyIterable, BatchSource, SourceBatch, SourceRetries } from './source.js';
import { noIteratorResult, retriesAdvice, type SourcePlace, sourceBroke, sourceFailed } from './source-error.js';
import { refusePromise } from './values-buffer.js';
import { pause } from './waiting.js';

/** The point at which a batch source continues: after an offset, or within a batch with known bounds. JSON. */
export interface BatchMark {
  /** Tells it from the mark of a function with offsets. */
  readonly by: 'batches';
  readonly next: number;
  readonly after?: Json;
  /** The end of the batch, its number of elements, and how many of them are done. */
  readonly to?: Json;
  readonly size?: number;
  readonly done?: number;
  /** The end of the first batch, to detect a source that starts over; not kept if that is a number. */
  readonly start?: Json;
}

/** The pause after a source had no elements, in milliseconds. */
const asksEveryMs = 250;

/** Reads a batch source: the elements after the last batch or, within a batch, exactly that batch again. */
export class BatchSourceReader implements StreamReader {
  private readonly abort = new AbortController();
  private readonly snapshot = makeSnapshots();
  private giveUp: (() => void) | undefined;
  /** Since when there was no failure; undefined after one, until the source is called again. */
  private worksSince: number | undefined = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly source: BatchSource<AnyIterable<unknown>, any>,
    private readonly stream: Omit<SourcePlace, 'position'>,
    private readonly clock: Clock,
    private readonly retries: SourceRetries | undefined,
    private mark: BatchMark,
  ) {}

  read(): Promise<Batch> {
    return new Promise((resolve, reject) => {
      this.giveUp = () => resolve(this.nothing());
      if (this.abort.signal.aborted) this.giveUp();
      else this.next().then(resolve, reject);
    });
  }

  answersSince(): number | undefined {
    return this.worksSince;
  }

  async close(): Promise<void> {
    this.abort.abort();
    this.giveUp?.();
  }

  private async next(): Promise<Batch> {
    for (let failures = 0; ; ) {
      try {
        this.worksSince ??= this.clock.now();
        const batch = await this.ask();
        if (batch !== undefined) return await this.batchOf(batch);
        failures = 0;
        await this.pause(asksEveryMs);
      } catch (error) {
        if (isWaterMillError(error)) throw error;
        this.worksSince = undefined;
        if (failures++ >= (this.retries?.max ?? 0)) {
          throw sourceFailed(this.place, error, 'when it was read', this.retries === undefined ? retriesAdvice : '');
        }
        await this.pause(this.retries?.delayMs ?? 1_000);
      }
      if (this.abort.signal.aborted) return this.nothing();
    }
  }

  private ask(): Promise<SourceBatch<AnyIterable<unknown>, Json> | undefined> {
    const { after, to, start } = this.mark;
    return askForBatch(this.source, { after, to, signal: this.abort.signal }, this.place, start);
  }

  private async batchOf({ data, to }: SourceBatch<AnyIterable<unknown>, Json>): Promise<Batch> {
    const all = await this.taken(data);
    const { by, next, after, done = 0, size, start: first } = this.mark;
    const marked = all.findIndex((value) => value instanceof EndOfStream);
    const count = marked < 0 ? all.length : marked;
    if (size !== undefined && size !== count) {
      throw notTheSameBatch(
        this.place,
        this.mark,
        `one of ${count} elements, which had ${size} when it was read before`,
      );
    }
    const values = done === 0 && marked < 0 ? all : all.slice(done, count);
    const start: { readonly [key: string]: Json } = {
      ...(after !== undefined && { after }),
      ...(first !== undefined && { start: first }),
    };
    const end = endOfFirst({ after, to }, first);
    const passed = { after: to, ...(end !== undefined && { start: end }) };
    const left = values.length;
    // The mark never passes the value that ends the stream: it must come again.
    const isPassed = (index: number): boolean => index === left && marked < 0;
    const markAt = (index: number): Json =>
      isPassed(index)
        ? { by, next: next + index, ...passed }
        : { by, next: next + index, ...start, to, size: count, done: done + index };
    this.mark = { by, next: next + values.length, ...passed };
    return { values, first: next, mark: markAt(0), markAt, end: marked >= 0 };
  }

  /** A source may reuse arrays, plain objects and elements: they count as they were when it returned or emitted them. */
  private async taken(data: unknown): Promise<readonly unknown[]> {
    const values: unknown[] = [];
    const take = (value: unknown): void => {
      refusePromise(value, this);
      values.push(this.snapshot(value));
    };
    if (Array.isArray(data)) for (let i = 0; i < data.length; i++) take(data[i]);
    else if (isIterable(data)) {
      const takeUntilClosed = (value: unknown): void => {
        this.abort.signal.throwIfAborted();
        take(value);
      };
      await forEachValue(data, (step) => noIteratorResult(this.place, step), takeUntilClosed);
    } else {
      const advice = 'The data of a batch are its elements.';
      throw sourceBroke(this.place, 'data that can be iterated', shownValue(data), advice);
    }
    return values;
  }

  private nothing(): Batch {
    const { next } = this.mark;
    return { values: [], first: next, mark: { ...this.mark }, end: false };
  }

  get place(): SourcePlace {
    return { ...this.stream, position: this.mark.next };
  }

  private pause(ms: number): Promise<void> {
    return pause(this.clock, ms, this.abort.signal);
  }
}

function isIterable(data: unknown): data is AnyIterable<unknown> {
  return typeof data === 'object' && data !== null && (Symbol.asyncIterator in data || Symbol.iterator in data);
}
