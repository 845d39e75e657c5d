import type { Clock } from '../../base/clock.js';
import { isIteratorResult } from '../../base/iterator-result.js';
import { realTime } from '../../base/real-time.js';
import { shownValue } from '../../base/shown-value.js';
import { isWaterMillError, type WaterMillError } from '../../base/watermill-error.js';
import { EndOfStream } from '../../messages/index.js';
import type { Batch } from '../batch.js';
import type { StreamReader } from '../broker.js';
import type { AnyIterable, SourceRequest, SourceRetries } from './source.js';
import { noIteratorResult, retriesAdvice, sourceBroke, sourceFailed } from './source-error.js';
import { againAdvice, batchValues, type SourceMark, type ValuesBuffer } from './values-buffer.js';
import { pause, withinTime } from './waiting.js';

/** How to open a source. */
export interface Opening {
  open(request: SourceRequest): AnyIterable<unknown> | Promise<AnyIterable<unknown>>;
  /** The source starts at the beginning of the stream, wherever the reader continues. */
  readonly fromBeginning: boolean;
  readonly retries: SourceRetries | undefined;
}

/** How long an iterator may take to end once it is asked to, in milliseconds. */
const closesWithinMs = 5_000;

/**
 * Pulls values out of an iterable, sync or async. At most one value of an async iterable is requested before the mill
 * needs it, so that values that have arrived are returned while the source waits for more.
 */
export class IteratorReader implements StreamReader {
  private readonly abort = new AbortController();
  private sync: Iterator<unknown> | undefined;
  private async: AsyncIterator<unknown> | undefined;
  /** There are no more values: the iterator has ended or failed, or returned the end of the stream. */
  private isDone = false;
  /** The iterator must still be closed by `return()`. */
  private isOpen = false;
  private failure: { readonly error: unknown } | undefined;
  private waiting: { resolve(batch: Batch): void; reject(error: unknown): void } | undefined;
  private isPulling = false;
  private isClosed = false;
  private retried = 0;
  /** Since when there was no failure; undefined after one, until the source is open again. */
  private worksSince: number | undefined = Number.NEGATIVE_INFINITY;
  private ordinaryClass: unknown;
  private isSettleScheduled = false;
  private closing: Promise<void> | undefined;
  /** The number of values that were processed and are yielded again. */
  private skip: number;

  constructor(
    private readonly opening: Opening,
    private readonly buffer: ValuesBuffer,
    private readonly clock: Clock,
    { next }: SourceMark,
  ) {
    this.skip = opening.fromBeginning ? next : 0;
  }

  read(): Batch | Promise<Batch> {
    if (this.sync !== undefined && this.opening.retries === undefined) return this.slice(this.sync);
    return new Promise((resolve, reject) => {
      this.waiting = { resolve, reject };
      if (this.isClosed || this.isDone) this.settle();
      else {
        if (!this.isPulling) void this.pull();
        this.scheduleSettle();
      }
    });
  }

  answersSince(): number | undefined {
    return this.worksSince;
  }

  close(): Promise<void> {
    this.closing ??= this.shut();
    return this.closing;
  }

  /** Returns the next batch of a synchronous iterator. */
  private slice(iterator: Iterator<unknown>): Batch {
    try {
      this.fill(iterator);
    } catch (error) {
      this.fail(error);
    }
    if (this.buffer.length === 0 && this.failure !== undefined) throw this.failure.error;
    return this.nextBatch();
  }

  private async pull(): Promise<void> {
    this.isPulling = true;
    try {
      while (this.isWanted) await this.step();
    } catch (error) {
      this.fail(error);
    }
    this.isPulling = false;
    if (!this.isClosed) this.settle();
  }

  private get isWanted(): boolean {
    return this.waiting !== undefined && !this.isDone && !this.isClosed && this.buffer.length < batchValues;
  }

  private async step(): Promise<void> {
    try {
      if (this.sync === undefined && this.async === undefined) await this.openSource();
      if (this.sync !== undefined) this.fill(this.sync);
      else if (this.async !== undefined) await this.fillWaiting(this.async);
    } catch (error) {
      if (this.isClosed || !(await this.mayRetry(error))) throw error;
    }
  }

  private fill(iterator: Iterator<unknown>): void {
    while (!this.isDone && !this.isClosed && this.buffer.length < batchValues) this.take(iterator.next());
  }

  private async fillWaiting(iterator: AsyncIterator<unknown>): Promise<void> {
    while (this.isWanted) this.take(await iterator.next());
  }

  private async openSource(): Promise<void> {
    if (!this.opening.fromBeginning) this.buffer.isOpened();
    const given = await this.opening.open({ after: this.buffer.after, signal: this.abort.signal });
    const iterable = given as Partial<Iterable<unknown> & AsyncIterable<unknown>> | null | undefined;
    this.async = iterable?.[Symbol.asyncIterator]?.();
    if (this.async === undefined && typeof iterable === 'object') this.sync = iterable?.[Symbol.iterator]?.();
    const iterator = this.async ?? this.sync;
    if (iterator === undefined) {
      const advice = 'A source is an iterable, or a function that returns one.';
      throw sourceBroke(this.buffer.place, 'an iterable or async iterable', shownValue(given), advice);
    }
    if (typeof iterator.next !== 'function') {
      throw sourceBroke(
        this.buffer.place,
        'an iterator with `next()`',
        shownValue(iterator),
        'Give an iterable or async iterable.',
      );
    }
    this.isOpen = true;
    this.worksSince ??= this.clock.now();
    // The reader was closed in the meantime, so the iterator is not needed, and its end is not awaited.
    if (this.isClosed) void Promise.resolve(iterator.return?.()).catch(() => {});
  }

  /** Throws a WaterMillError if the value cannot be used: the iterator did not throw, and is still to be closed. */
  private take(taken: IteratorResult<unknown>): void {
    try {
      this.accept(taken);
    } catch (error) {
      if (isWaterMillError(error)) throw error;
      const { place } = this.buffer;
      throw sourceFailed(place, error, `when element ${place.position} was copied`);
    }
  }

  private accept(taken: IteratorResult<unknown>): void {
    if (typeof taken !== 'object' || taken === null) throw noIteratorResult(this.buffer.place, taken);
    // As in `for await`: any truthy `done` ends. `done` and `value` are read once each, since they may be getters.
    if (taken.done) {
      if (this.skip > 0) throw this.tooShort();
      this.isDone = true;
      this.isOpen = false;
      return;
    }
    const { value } = taken;
    // Only then, since this runs for every value.
    if (value === undefined && !isIteratorResult(taken)) throw noIteratorResult(this.buffer.place, taken);
    this.retried = 0;
    if (this.skip > 0) {
      if (--this.skip === 0) this.buffer.checkLast(value);
    } else if (this.isEnd(value)) this.isDone = true;
    else {
      this.buffer.add(value);
      if (this.buffer.length === 1) this.scheduleSettle();
    }
  }

  /** A class whose instance was not an end is not tested again: this runs for every value. */
  private isEnd(value: unknown): boolean {
    const type = (value as object | null | undefined)?.constructor;
    if (type !== undefined && type === this.ordinaryClass) return false;
    if (value instanceof EndOfStream) return true;
    this.ordinaryClass = type;
    return false;
  }

  /** Returns the buffered values if no more arrive immediately. */
  private scheduleSettle(): void {
    if (this.isSettleScheduled || this.buffer.length === 0 || this.waiting === undefined) return;
    this.isSettleScheduled = true;
    realTime.setImmediate(() => {
      this.isSettleScheduled = false;
      if (this.buffer.length > 0 && !this.isClosed) this.settle();
    });
  }

  private settle(): void {
    const { waiting } = this;
    this.waiting = undefined;
    if (this.buffer.length === 0 && this.failure !== undefined) waiting?.reject(this.failure.error);
    else waiting?.resolve(this.nextBatch());
  }

  private nextBatch(): Batch {
    return this.buffer.batch(this.isDone && this.failure === undefined);
  }

  private tooShort(): WaterMillError {
    const { place } = this.buffer;
    const expected = `the ${place.position} elements that an earlier run has read, and more`;
    return sourceBroke(place, expected, `an end ${this.skip} elements before that place`, againAdvice);
  }

  private fail(error: unknown): void {
    this.isDone = true;
    if (isWaterMillError(error)) {
      this.failure = { error };
      return;
    }
    const { place } = this.buffer;
    const doing = this.isOpen ? `where element ${place.position} was expected` : 'when it was called';
    // An iterator that threw has ended.
    this.isOpen = false;
    const { fromBeginning, retries } = this.opening;
    const advice = fromBeginning || retries !== undefined ? '' : retriesAdvice;
    this.failure = { error: sourceFailed(place, error, doing, advice) };
  }

  /** Returns whether to call the source again, after the pause. */
  private async mayRetry(error: unknown): Promise<boolean> {
    const { retries } = this.opening;
    if (retries === undefined || this.retried >= retries.max || isWaterMillError(error)) return false;
    this.retried++;
    this.worksSince = undefined;
    this.isOpen = false;
    this.async = undefined;
    this.sync = undefined;
    await pause(this.clock, retries.delayMs ?? 1_000, this.abort.signal);
    return true;
  }

  private async shut(): Promise<void> {
    this.isClosed = true;
    this.abort.abort();
    this.waiting?.resolve(this.buffer.batch(false));
    this.waiting = undefined;
    if (!this.isOpen) return;
    const iterator = this.async ?? this.sync;
    const ending = closeIterator(iterator).catch((error) => {
      throw sourceFailed(this.buffer.place, error, 'when it was closed');
    });
    if (await withinTime(ending, this.clock, closesWithinMs, false)) return;
    const expected = `an iterator that ends within ${closesWithinMs} ms of return()`;
    const advice = 'Listen to `signal`, which is aborted first, and stop waiting then.';
    throw sourceBroke(this.buffer.place, expected, 'one that does not', advice);
  }
}

async function closeIterator(iterator: Iterator<unknown> | AsyncIterator<unknown> | undefined): Promise<true> {
  await iterator?.return?.();
  return true;
}
