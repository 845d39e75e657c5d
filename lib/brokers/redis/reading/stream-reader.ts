import type { Json } from '../../../base/json.js';
import type { Batch } from '../../batch.js';
import type { StreamReader } from '../../broker.js';
import type { StreamEnd } from '../commit/stream-ends.js';
import { isEndMark } from '../entries/end-mark.js';
import { timeOfId } from '../entries/entry-id.js';
import { type EntryParser, entryBytes } from '../entries/entry-values.js';
import type { Entry } from '../entries/undecodable-texts.js';
import type { Page, StreamPages, StreamPlaceMark } from './stream-pages.js';

/** The point at which to open a reader, and the position that it reads next. JSON. */
export type StreamMark = StreamPlaceMark & { readonly position: number };

export interface StreamReaderSetup {
  readonly key: string;
  readonly pages: StreamPages;
  readonly parse: EntryParser;
  readonly position: number;
  /** Converts a failure. */
  readonly failed: (cause: unknown) => Promise<unknown>;
}

/** Reads one stream, one page ahead of the mill. Positions count its entries from the start of the group. */
export class RedisStreamReader implements StreamReader {
  private page: Page | undefined;
  private failure: { readonly error: unknown } | undefined;
  private fetching: Promise<void> | undefined;
  private next: number;
  private behind: number | undefined;
  private isOver = false;

  constructor(private readonly setup: StreamReaderSetup) {
    this.next = setup.position;
  }

  read(): Batch | Promise<Batch> {
    if (this.isOver) return this.empty();
    if (this.page !== undefined) return this.take(this.page);
    if (this.failure !== undefined) return Promise.reject(this.failure.error);
    return this.fetch().then(() => this.read());
  }

  lag(): number | undefined {
    return this.behind === undefined ? undefined : this.behind + (this.page?.entries.length ?? 0);
  }

  answersSince(): number | undefined {
    return this.setup.pages.answersSince;
  }

  async close(): Promise<void> {
    this.isOver = true;
    this.setup.pages.close();
  }

  get key(): string {
    return this.setup.key;
  }

  /** How far the stream was read, if an entry was. */
  get readUpTo(): StreamEnd | undefined {
    return this.setup.pages.readUpTo;
  }

  private take(page: Page): Batch {
    this.page = undefined;
    this.behind = page.lag;
    const batch = this.batchOf(page);
    if (batch.end) this.isOver = true;
    else void this.fetch();
    return batch;
  }

  private fetch(): Promise<void> {
    this.fetching ??= this.fetchPage();
    return this.fetching;
  }

  private async fetchPage(): Promise<void> {
    try {
      this.page = await this.setup.pages.next();
    } catch (cause) {
      this.failure = { error: await this.setup.failed(cause) };
    }
    this.fetching = undefined;
  }

  private batchOf({ entries, added }: Page): Batch {
    const { parse, key } = this.setup;
    const first = this.next;
    const values: unknown[] = [];
    let end = false;
    for (let i = 0; i < entries.length && !end; i++) {
      const fields = (entries[i] as Entry)[1];
      if (isEndMark(fields)) end = true;
      else values.push(parse(fields));
    }
    this.next = first + values.length;
    const ids = entries.map(([id]) => id);
    const markAt = (index: number): Json =>
      index < ids.length
        ? { at: ids[index]!, position: first + index }
        : { after: ids.at(-1)!, ...(added !== undefined && { added }), position: first + index };
    const origin = (index: number) => {
      const [id, fields] = entries[index] as Entry;
      return { id, timestamp: timeOfId(id), key, raw: entryBytes(fields) };
    };
    return { values, first, mark: markAt(0), markAt, end, origin };
  }

  private empty(): Batch {
    return { values: [], first: this.next, mark: null, end: true };
  }
}
