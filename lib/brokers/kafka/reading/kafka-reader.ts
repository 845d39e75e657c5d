import { isUtf8 } from 'node:buffer';
import { type Batch, type MessageOrigin, UnreadableMessage } from '../../batch.js';
import type { StreamReader } from '../../broker.js';
import type { KafkaRecord } from '../client.js';
import { isEndMark } from '../results/end-mark.js';
import type { PartitionQueue } from './partition-queue.js';
import { wireFormatOf } from './wire-format.js';

/** How the values of a topic are read. */
export interface ReadingOptions {
  readonly raw: boolean;
  readonly skipsEmpty: boolean;
}

/** The number of records in a batch: more cost memory, fewer cost time. */
const batchRecords = 2_048;

/** Reads one partition of a topic. */
export class KafkaReader implements StreamReader {
  private records: readonly KafkaRecord[] = [];
  /** The offset after the last fetch, which may include transaction markers. */
  private nextFetched = 0;
  private at = 0;
  private ended = false;
  private closed = false;
  /** The offset of the last value that was returned; -1 if there was none. */
  private lastGiven = -1;
  private pending: { resolve(batch: Batch): void; reject(error: unknown): void } | undefined;

  constructor(
    private readonly queue: PartitionQueue,
    private readonly options: ReadingOptions,
    private next: number,
    /**
     * Nothing is returned before a commit: without one, a restart would begin somewhere else, and skip what arrived in
     * the meantime.
     */
    private mustCommit = false,
  ) {
    queue.onChange = () => this.changed();
    queue.start(next);
  }

  read(): Batch | Promise<Batch> {
    const batch = this.atHand();
    if (batch !== undefined) return batch;
    if (this.queue.failure !== undefined) return Promise.reject(this.queue.failure);
    return new Promise((resolve, reject) => {
      this.pending = { resolve, reject };
    });
  }

  awaitsCommit(): boolean {
    return this.mustCommit;
  }

  /** Notes that the lane has committed. */
  committed(): void {
    if (!this.mustCommit) return;
    this.mustCommit = false;
    this.changed();
  }

  lag(): number | undefined {
    const { known } = this.queue;
    return known === undefined ? undefined : Math.max(0, known - Math.max(this.next, this.reached));
  }

  /**
   * The offset at which reading can continue, if all values before a position are done: after all records that are not
   * returned, such as transaction markers, unless there are values in between.
   */
  passed(position: number): number {
    return position <= this.lastGiven ? position : Math.max(position, this.reached);
  }

  /** The offset before which there is nothing more to return. */
  private get reached(): number {
    const { records, at, ended, nextFetched, queue } = this;
    // A restart must find the end mark again.
    const index = ended ? at - 1 : at;
    if (index < records.length) return records[index]!.offset;
    // A closed queue may be that of another lane.
    return (this.closed ? undefined : queue.drainedTo) ?? nextFetched;
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    this.queue.onChange = () => {};
    this.queue.stop();
    this.pending?.resolve(this.empty());
    this.pending = undefined;
  }

  answersSince(): number | undefined {
    return this.queue.answersSince;
  }

  answeredAt(): number | undefined {
    return this.queue.answeredAt;
  }

  private changed(): void {
    const { pending, queue } = this;
    if (pending === undefined) return;
    const batch = this.atHand();
    if (batch === undefined && queue.failure === undefined) return;
    this.pending = undefined;
    if (batch !== undefined) pending.resolve(batch);
    else pending.reject(queue.failure);
  }

  private atHand(): Batch | undefined {
    if (this.closed || this.ended) return this.empty();
    if (this.mustCommit) return undefined;
    while (this.at === this.records.length) {
      const fetched = this.queue.take();
      if (fetched === undefined) return undefined;
      this.records = fetched.records;
      this.nextFetched = fetched.next;
      this.at = 0;
    }
    return this.batch();
  }

  private batch(): Batch {
    const { records, at: start, options } = this;
    const stop = Math.min(records.length, start + batchRecords);
    const first = records[start]!.offset;
    const values: unknown[] = [];
    const positions: number[] = [];
    let at = start;
    for (; at < stop && !this.ended; at++) {
      const record = records[at]!;
      if (isEndMark(record)) this.ended = true;
      else if (!options.skipsEmpty || record.valueLength > 0) {
        values.push(options.raw ? rawValue(record) : parsedValue(record));
        positions.push(record.offset);
      }
    }
    this.at = at;
    this.next = at === records.length ? this.nextFetched : records[at - 1]!.offset + 1;
    this.lastGiven = positions.at(-1) ?? this.lastGiven;
    if (this.ended) this.queue.stop();
    const origin = (index: number) => originOf(records[start + index]!, positions[index]!, records);
    const consecutive = (positions.at(-1) ?? first) - first === Math.max(0, values.length - 1);
    return consecutive && (positions[0] ?? first) === first
      ? { values, first, mark: first, end: this.ended, origin }
      : { values, first: positions[0] ?? first, positions, mark: first, end: this.ended, origin };
  }

  private empty(): Batch {
    return { values: [], first: this.next, mark: this.next, end: true };
  }
}

/** If records were skipped, the one at the index may be another one: then it is found by its offset. */
function originOf(expected: KafkaRecord, position: number, records: readonly KafkaRecord[]): MessageOrigin {
  const isIt = (record: KafkaRecord): boolean => record.offset === position;
  const { key, timestamp, headers, value } = isIt(expected) ? expected : (records.find(isIt) ?? expected);
  return {
    ...(timestamp >= 0 && { timestamp }),
    ...(key !== null && { key }),
    headers,
    ...(value !== null && { raw: value }),
  };
}

function rawValue({ value }: KafkaRecord): unknown {
  return value ?? tombstone();
}

function tombstone(): UnreadableMessage {
  return new UnreadableMessage('', "the record has no value (a tombstone, which emptyValues: 'skip' passes over).");
}

function parsedValue(record: KafkaRecord): unknown {
  if (record.valueLength < 0) return tombstone();
  if (record.valueLength === 0) {
    const why = "the record's value has no bytes (which emptyValues: 'skip' passes over).";
    return new UnreadableMessage(Buffer.alloc(0), why);
  }
  const text = record.text();
  // Invalid bytes become the replacement character, which a valid text may contain as well.
  if (text.includes('\ufffd')) {
    const value = record.value as Buffer;
    if (!isUtf8(value)) return new UnreadableMessage(value, wireFormatOf(value) ?? 'it is not UTF-8');
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    const value = record.value as Buffer;
    return new UnreadableMessage(value, wireFormatOf(value) ?? `it is not JSON: ${(error as Error).message}.`);
  }
}
