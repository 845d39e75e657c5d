import type { Clock } from '../../../base/clock.js';
import { shownValue } from '../../../base/shown-value.js';
import { type Batch, countOf } from '../../../brokers/batch.js';
import type { StreamEntry, StreamReader } from '../../../brokers/broker.js';

/**
 * The maximum number of batches between the first and the last node on one reader. Beyond it, the first gets its own
 * reader.
 */
const MOST_BATCHES_BETWEEN = 64;

/** The position of one node in the batches of its stream. */
export interface Cursor {
  taken: number;
}

/** In milliseconds, by the clock of the mill. */
interface Silence {
  readonly since: number;
  readonly ms: number;
}

/**
 * One reader and the nodes on its stream: each sees every batch, in order, at its own pace. A batch is kept until the
 * slowest node has taken it.
 */
export class StreamFeed {
  /** The error after which nothing more can be read. */
  failure: unknown;
  /** No values came for the data timeout, so the stream counts as ended. */
  timedOut = false;
  /** The time since when the reader has been asked without returning values. */
  quietSince: number | undefined;
  private reading = false;
  private readonly batches: Batch[] = [];
  private readonly cursors: Cursor[] = [];
  private firstKept = 0;
  private over = false;
  private readonly fractionBefore: number | undefined;
  /** The number of values that the reader returned, and the position after the last of them. */
  private values = 0;
  private end = 0;

  constructor(
    readonly entry: StreamEntry,
    private readonly reader: StreamReader,
    private readonly clock: Clock,
    private readonly wake: () => void,
  ) {
    this.fractionBefore = reader.fraction?.();
  }

  /**
   * The time since `quietSince` in which it is certain that no values have come: not before the source of the values
   * answered again, and up to its last answer.
   */
  get silence(): Silence | undefined {
    const { quietSince, reader, clock } = this;
    if (quietSince === undefined) return undefined;
    const now = clock.now();
    const answersSince = reader.answersSince === undefined ? quietSince : (reader.answersSince() ?? now);
    const since = Math.max(quietSince, answersSince);
    return { since, ms: Math.max(0, (reader.answeredAt?.() ?? now) - since) };
  }

  join(): Cursor {
    const cursor = { taken: this.firstKept };
    this.cursors.push(cursor);
    return cursor;
  }

  leave(cursor: Cursor): void {
    this.cursors.splice(this.cursors.indexOf(cursor), 1);
    this.dropTaken();
  }

  /** The reader was asked and has not answered yet. */
  get isReading(): boolean {
    return this.reading && !this.over;
  }

  /** The values of the reader are processed before a mill stops. */
  get finishes(): boolean {
    return this.reader.finishes === true;
  }

  /** The reader returns more only after a commit. */
  get awaitsCommit(): boolean {
    return this.isReading && this.reader.awaitsCommit?.() === true;
  }

  /** The next batch for this cursor, if one is available. */
  take(cursor: Cursor): Batch | undefined {
    const batch = this.batches[cursor.taken - this.firstKept];
    if (batch !== undefined) {
      cursor.taken++;
      this.dropTaken();
    }
    return batch;
  }

  /** Asks the reader for a batch, unless it is being asked or has no more. */
  ask(): void {
    if (this.over || this.reading) return;
    try {
      const answer = this.reader.read();
      if (typeof (answer as Promise<Batch>)?.then === 'function') this.await(answer as Promise<Batch>);
      else this.receive(answer as Batch);
    } catch (error) {
      this.fail(error);
    }
  }

  /** Returns whether this cursor is so far ahead of another one that its node should get its own reader. */
  runsAhead(cursor: Cursor): boolean {
    // If no second reader can be opened, the batches between the nodes are kept, however many there are.
    const tooMany = this.batches.length >= MOST_BATCHES_BETWEEN && this.reader.onlyOnce !== true;
    return tooMany && !this.over && cursor.taken === this.firstKept + this.batches.length && this.cursors.length > 1;
  }

  /** The last batch that was read and is still kept. */
  get lastKept(): Batch | undefined {
    return this.batches.at(-1);
  }

  expire(): void {
    this.over = true;
    this.timedOut = true;
    this.quietSince = undefined;
  }

  /** The part of the stream before this position, 0 to 1, if the broker knows; all values count the same. */
  fractionAt(position: number): number | undefined {
    const given = this.reader.fraction?.();
    if (given === undefined || this.fractionBefore === undefined || this.values === 0) return given;
    const done = Math.max(0, 1 - Math.max(0, this.end - position) / this.values);
    return this.fractionBefore + (given - this.fractionBefore) * done;
  }

  /** The number of available values that were not read yet, if the broker knows. */
  get lag(): number | undefined {
    return this.reader.lag?.();
  }

  close(): Promise<void> {
    this.over = true;
    return this.reader.close();
  }

  private await(answer: Promise<Batch>): void {
    this.reading = true;
    this.quietSince ??= this.clock.now();
    const settled = (use: () => void): void => {
      this.reading = false;
      if (this.over) return;
      use();
      this.wake();
    };
    answer.then(
      (batch) => settled(() => this.received(batch)),
      (error) => settled(() => this.fail(error)),
    );
  }

  private received(batch: Batch): void {
    try {
      this.receive(batch);
    } catch (error) {
      this.fail(error);
    }
  }

  private receive(batch: Batch): void {
    expectBatch(batch);
    this.batches.push(batch);
    const count = countOf(batch);
    this.values += count;
    this.end = batch.first + count;
    if (count > 0) this.quietSince = undefined;
    if (batch.end) this.over = true;
  }

  private fail(error: unknown): void {
    this.over = true;
    this.failure = error;
  }

  private dropTaken(): void {
    let slowest = Number.POSITIVE_INFINITY;
    for (const cursor of this.cursors) if (cursor.taken < slowest) slowest = cursor.taken;
    while (this.batches.length > 0 && this.firstKept < slowest) {
      this.batches.shift();
      this.firstKept++;
    }
  }
}

/** Checks the result of a custom reader: anything but a batch would be read forever, or lose elements silently. */
function expectBatch(batch: Batch): void {
  if (batch?.numberRows !== undefined) return;
  const { values, positions, first } = typeof batch === 'object' && batch !== null ? batch : ({} as Partial<Batch>);
  const isBatch = Array.isArray(values) && Number.isInteger(first);
  if (isBatch && (positions === undefined || positions?.length === values.length)) return;
  const expected = isBatch ? 'a position for each value' : 'a batch { values, first, mark, end }';
  throw new TypeError(`read() returned ${shownValue(batch)}, expected ${expected}`);
}
