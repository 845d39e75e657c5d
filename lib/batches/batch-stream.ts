import { type Clock, systemClock } from '../base/clock.js';
import { RealDate } from '../base/date.js';
import { batchCalls, isInsideAwaitedCall } from '../base/inside-call.js';
import type { Json } from '../base/json.js';
import { realTime } from '../base/real-time.js';
import { unlessAborted } from '../base/unless-aborted.js';
import { isWaterMillError, WaterMillError } from '../base/watermill-error.js';
import { optionsError } from '../brokers/broker-options.js';
import { askForBatch, endOfFirst } from '../brokers/custom/ask-for-batch.js';
import { ownOffset } from '../brokers/custom/offset.js';
import type { BatchSource, SourceBatch } from '../brokers/custom/source.js';
import { pause } from '../brokers/custom/waiting.js';
import { Failed, failure } from './batch-failures.js';
import { type BatchStreamOptions, checkBatchStreamOptions } from './batch-stream-options.js';
import { type BatchStreamStatus, StatusKeeper } from './batch-stream-status.js';
import { settleSources } from './known-sources.js';
import { type OffsetsRecord, StreamDirectory } from './stream-directory.js';

/** `D`: the data of each source, by name. */
export type BatchSources<D> = { readonly [N in keyof D]: BatchSource<D[N], any> };

/** The data of the sources; undefined for a source without any. */
export type Batches<D> = { readonly [N in keyof D]: D[N] | undefined };

/** The identity of a batch, as passed to a call. */
export interface BatchInfo<N extends PropertyKey> {
  /** Incremented for each batch, and the same whenever a batch is repeated: the key for idempotent writes. */
  readonly id: number;
  /** 1 for the first attempt of this run. */
  readonly attempt: number;
  /** The offset up to which each source was read, for sources with data. */
  readonly to: { readonly [Name in N]?: unknown };
}

/** The pause after a source had no data, if no interval is given. Milliseconds. */
const idleMs = 250;

/**
 * Calls a function with the data that has arrived since the last call, batch by batch, and repeats a batch that failed,
 * or was interrupted by a crash, with exactly the same bounds for every source.
 *
 * Each round asks every source for its data. The bounds of all sources are one record, on disk before the function is
 * called; a commit record follows it. A round without any data makes no call. No new data is read before the batch in
 * progress is committed. So the function gets every batch at least once, always with the same id and the same data: a
 * write that is idempotent by that id takes effect exactly once.
 *
 * The directory has one owner: a second stream is refused while this one runs. A stream runs once.
 *
 * @example
 * ```ts no-run
 * const stream = new BatchStream({
 *   sources: { numbers: directorySource('drop', { maxFiles: 3 }) },
 *   directory: 'state/stats',
 *   minIntervalMs: 30_000,
 * });
 * await stream.run(async ({ numbers }, { id }) => save(id, statistics(numbers ?? [])));
 * ```
 */
export class BatchStream<const D extends Record<string, unknown>> {
  private readonly sources: readonly (readonly [name: string, source: BatchSource<unknown, any>])[];
  private readonly keeper = new StatusKeeper();
  private readonly abort = new AbortController();
  private readonly clock: Clock;
  private running: Promise<void> | undefined;
  /** The time when the last batch began, by the clock. */
  private begun: number | undefined;

  /** @throws WaterMillError `WM_BROKER_OPTIONS` for an option that is invalid. */
  constructor(private readonly options: BatchStreamOptions<BatchSources<D>>) {
    checkBatchStreamOptions(options);
    this.sources = Object.entries(options.sources);
    this.clock = options.clock ?? systemClock;
  }

  /** The current status, as an immutable snapshot. */
  get status(): BatchStreamStatus {
    return this.keeper.status;
  }

  /**
   * Runs until it is stopped; resolves then. Rejects if a batch fails and its retries are exhausted
   * (`WM_PROCESS_FAILED`, `WM_INPUT_FAILED`), a source breaks its protocol (`WM_SOURCE_PROTOCOL`), or the directory is
   * damaged or in use.
   */
  run(fn: (batches: Batches<D>, info: BatchInfo<keyof D>) => void | Promise<void>): Promise<void> {
    if (this.running !== undefined) {
      const sentence = 'run() of a batch stream was called a second time. Make a new BatchStream for another run.';
      return Promise.reject(new WaterMillError('WM_RUN_TWICE', sentence));
    }
    if (typeof fn !== 'function') {
      return Promise.reject(optionsError('BatchStream', 'The argument of run()', 'a function (batches, info)', fn));
    }
    this.running = this.execute(fn as (batches: object, info: BatchInfo<string>) => unknown);
    return this.running;
  }

  /**
   * Stops the stream: immediately while it waits, pauses or reads, otherwise after the call in progress. Resolves when
   * it is over; `run()` reports the outcome. If the call itself, or a source, calls it, it resolves when the request is
   * accepted, since the run waits for them.
   */
  async stop(): Promise<void> {
    const isInside = ['working', 'reading'].includes(this.status.state) && isInsideAwaitedCall(batchCalls);
    this.abort.abort();
    if (isInside) return;
    await this.running?.catch(() => {});
    if (this.running === undefined) this.keeper.is('stopped');
  }

  private async execute(fn: (batches: object, info: BatchInfo<string>) => unknown): Promise<void> {
    const { signal } = this.options;
    const stop = (): void => this.abort.abort();
    signal?.addEventListener('abort', stop, { once: true });
    if (signal?.aborted) stop();
    // Waiting only for time, or for a source, would not keep the process alive.
    const keepAlive = realTime.setInterval(() => {}, 2 ** 30);
    try {
      await this.inDirectory((stream) => this.rounds(stream, fn));
      this.keeper.is('stopped');
    } catch (error) {
      this.keeper.is('failed');
      if (this.keeper.status.error === undefined) this.keeper.failed(error);
      throw error;
    } finally {
      realTime.clearInterval(keepAlive);
      signal?.removeEventListener('abort', stop);
    }
  }

  private async inDirectory(work: (stream: StreamDirectory) => Promise<void>): Promise<void> {
    if (this.abort.signal.aborted) return;
    const stream = await StreamDirectory.take(this.options.directory);
    try {
      const { lastCommit } = stream;
      if (lastCommit !== undefined) this.keeper.committed({ id: lastCommit.id, at: new RealDate(lastCommit.at) });
      await settleSources(
        stream,
        this.sources.map(([name]) => name),
        this.options,
      );
      await work(stream);
    } finally {
      await stream.release();
    }
  }

  private async rounds(
    stream: StreamDirectory,
    fn: (batches: object, info: BatchInfo<string>) => unknown,
  ): Promise<void> {
    while (!this.abort.signal.aborted) {
      this.begun = this.clock.now();
      const hadData = await this.round(stream, fn);
      if (!(hadData && this.options.catchUp === true)) await this.untilNext();
    }
  }

  /** Runs one batch until it is committed; false if no source has data, or if the stream was stopped before. */
  private async round(
    stream: StreamDirectory,
    fn: (batches: object, info: BatchInfo<string>) => unknown,
  ): Promise<boolean> {
    const { max = 0, delayMs = 1_000 } = this.options.retries ?? {};
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.attempt(stream, fn, attempt, attempt <= max);
      } catch (error) {
        const cause = error instanceof Failed ? error.thrown : error;
        this.keeper.tries(attempt);
        this.keeper.failed(cause ?? failure(error, stream, attempt));
        // A source that would be read again does not fail a stream that was stopped in the meantime.
        const isOver =
          attempt > max || (error instanceof Failed && error.source === undefined && this.abort.signal.aborted);
        if (!(error instanceof Failed) || isOver) throw failure(error, stream, attempt);
        this.keeper.is('retrying');
        await pause(this.clock, delayMs, this.abort.signal);
        if (this.abort.signal.aborted) return false;
      }
    }
  }

  private async attempt(
    stream: StreamDirectory,
    fn: (batches: object, info: BatchInfo<string>) => unknown,
    attempt: number,
    mayRetry: boolean,
  ): Promise<boolean> {
    if (attempt > 1) this.keeper.tries(attempt);
    this.keeper.is('reading');
    const read = await this.read(stream, mayRetry);
    if (this.abort.signal.aborted) return false;
    this.keeper.tries(read.size === 0 ? 0 : attempt);
    if (read.size === 0) return false;
    const batch = stream.open ?? (await this.begin(stream, read));
    this.keeper.is('working');
    const batches = Object.fromEntries(this.sources.map(([name]) => [name, read.get(name)?.data]));
    const to = Object.fromEntries([...read].map(([name, part]) => [name, ownOffset(part.to)]));
    await callBatch(() => fn(batches, { id: batch.id, attempt, to }));
    await this.commit(stream, batch);
    return true;
  }

  /**
   * Reads the sources: for a batch that was begun before exactly its bounds, otherwise the available data. If one
   * fails, the signal of the others is aborted: they may be waiting for data.
   */
  private async read(
    stream: StreamDirectory,
    mayRetry: boolean,
  ): Promise<ReadonlyMap<string, SourceBatch<unknown, Json>>> {
    const { signal } = this.abort;
    const reading = new AbortController();
    const end = (): void => reading.abort();
    signal.addEventListener('abort', end, { once: true });
    const batches = this.readAll(stream, reading.signal);
    try {
      // A source that ignores the signal is not waited for.
      const read = await unlessAborted(Promise.all(batches), signal, []);
      return new Map(read.flatMap((batch, i) => (batch === undefined ? [] : [[this.sources[i]![0], batch] as const])));
    } catch (error) {
      end();
      if (signal.aborted) return new Map();
      // A source is never read twice at once.
      if (mayRetry && error instanceof Failed) await unlessAborted(Promise.allSettled(batches), signal, undefined);
      throw error;
    } finally {
      signal.removeEventListener('abort', end);
    }
  }

  /** Reads each source, in the order of the sources. */
  private readAll(stream: StreamDirectory, signal: AbortSignal): Promise<SourceBatch<unknown, Json> | undefined>[] {
    const bounds = stream.open === undefined ? undefined : new Map(Object.entries(stream.open.bounds));
    const [positions, starts] = [stream.positions(), stream.starts()];
    return this.sources.map(async ([name, source]) => {
      const bound = bounds?.get(name);
      if (bounds !== undefined && bound === undefined) return undefined;
      const { after, to } = bound ?? { after: positions.get(name), to: undefined };
      const place = { message: name, stream: `the source '${name}'` };
      try {
        return await askForBatch(source, { after, to, signal }, place, starts.get(name));
      } catch (error) {
        throw isWaterMillError(error) ? error : new Failed(error, name);
      }
    });
  }

  private async begin(
    stream: StreamDirectory,
    read: ReadonlyMap<string, SourceBatch<unknown, Json>>,
  ): Promise<OffsetsRecord> {
    const positions = stream.positions();
    const bounds = Object.fromEntries(
      [...read].map(([name, { to }]) => {
        const after = positions.get(name);
        return [name, after === undefined ? { to } : { after, to }];
      }),
    );
    const record = {
      id: stream.lastId + 1,
      follows: stream.lastCommit?.id ?? 0,
      bounds,
      at: new RealDate().toISOString(),
    };
    await stream.keepOffsets(record);
    return record;
  }

  private async commit(stream: StreamDirectory, { id, bounds }: OffsetsRecord): Promise<void> {
    const [positions, starts] = [stream.positions(), stream.starts()];
    for (const [name, bound] of Object.entries(bounds)) {
      positions.set(name, bound.to);
      const start = endOfFirst(bound, starts.get(name));
      if (start !== undefined) starts.set(name, start);
    }
    const at = new RealDate();
    const kept = { positions: Object.fromEntries(positions), starts: Object.fromEntries(starts) };
    await stream.keepCommit({ id, ...kept, at: at.toISOString() });
    this.keeper.committed({ id, at });
    await stream.retain(this.options.keep ?? 100);
  }

  /** Waits for the next multiple of the interval, counted from the start of the last batch. */
  private async untilNext(): Promise<void> {
    const { minIntervalMs = 0 } = this.options;
    // The clock is the user's, and may go back.
    const taken = Math.max(0, this.clock.now() - (this.begun as number));
    if (this.abort.signal.aborted) return;
    const isIdle = this.keeper.status.state === 'reading';
    if (minIntervalMs === 0 && !isIdle) return;
    const interval = minIntervalMs === 0 ? idleMs : minIntervalMs;
    const left = Math.max(1, Math.ceil(taken / interval)) * interval - taken;
    this.keeper.is('waiting');
    if (left > 0) await pause(this.clock, left, this.abort.signal);
  }
}

async function callBatch(call: () => unknown): Promise<void> {
  try {
    await call();
  } catch (error) {
    throw new Failed(error, undefined);
  }
}
