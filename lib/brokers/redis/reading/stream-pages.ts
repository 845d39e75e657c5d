import type { Logger } from '../../../base/logger.js';
import type { RedisClient } from '../client/redis-client.js';
import { entriesLost, streamRecreated } from '../client/redis-errors.js';
import { allWorkSince, type SteadyClient } from '../client/steady-client.js';
import type { StreamEnd } from '../commit/stream-ends.js';
import { beforeAll, compareIds, type EntryId } from '../entries/entry-id.js';
import type { EntryFields } from '../entries/entry-values.js';
import { type Entry, withUndecodable } from '../entries/undecodable-texts.js';
import { addedUpTo, recreation, type StreamInfo, streamInfo } from './stream-info.js';

/** Consecutive entries; at least one. */
export interface Page {
  readonly entries: readonly Entry[];
  /** The number of entries ever added up to the last of these, if known. */
  readonly added: number | undefined;
  /** The number of entries that follow, if known. */
  readonly lag: number | undefined;
}

/** The point at which reading continues. JSON. */
export type StreamPlaceMark =
  /** At this entry, which is still needed. */
  | { readonly at: EntryId }
  /** After this entry, which was read; `added` as in a page. */
  | { readonly after: EntryId; readonly added?: number }
  /** After this id, whether there is such an entry or not. */
  | { readonly behind: EntryId };

export interface PagesSetup {
  readonly client: SteadyClient;
  /** Makes a connection for blocking commands. */
  readonly makeWaiting: () => SteadyClient;
  readonly key: string;
  readonly count: number;
  /** Values are bytes, including those that are text. */
  readonly isBytes: boolean;
  readonly onLost: 'fail' | 'earliest';
  /** A blocking command is renewed after this long. Milliseconds. */
  readonly longestWaitMs: number;
  readonly logger: Logger;
}

/**
 * The entries of one stream from a point on, page by page. Each page is requested together with the last entry of the
 * previous one: if that is gone, the stream was trimmed, possibly including entries that were not read.
 */
export class StreamPages {
  private waiting: SteadyClient | undefined;
  private isClosed = false;

  constructor(
    private readonly setup: PagesSetup,
    private place: StreamPlaceMark | undefined,
    /** The number of entries read before, for errors. */
    private position: number,
  ) {}

  /** Waits for the next page. */
  async next(): Promise<Page> {
    for (;;) {
      const page = await this.setup.client.run((client) => this.fetch(client));
      if (page.entries.length > 0) return page;
      await this.wait();
    }
  }

  /** How far the stream was read, if an entry was. */
  get readUpTo(): StreamEnd | undefined {
    const { place, position } = this;
    return place !== undefined && 'after' in place ? { ...place, position } : undefined;
  }

  get answersSince(): number | undefined {
    const { client } = this.setup;
    return allWorkSince(this.waiting === undefined ? [client] : [client, this.waiting]);
  }

  close(): void {
    this.isClosed = true;
    this.waiting?.close();
  }

  private async fetch(client: RedisClient): Promise<Page> {
    const { key, count, isBytes } = this.setup;
    const { place } = this;
    // One more: the last entry read is among them.
    const command = ['XRANGE', key, this.from(), '+', 'COUNT', String(count + 1)];
    const [found, info] = await Promise.all([
      isBytes ? client.sendForBytes(command) : client.send(command),
      streamInfo(client, key),
    ]);
    let entries: Entry[] = isBytes ? found.map(([id, fields]: [Buffer, EntryFields]) => [String(id), fields]) : found;
    let before: number | undefined;
    if (place !== undefined && 'after' in place) {
      before = place.added;
      if (entries[0]?.[0] === place.after) entries = entries.slice(1);
      else before = this.gap(place.after, false, entries, info, before);
    } else if (place !== undefined && 'at' in place && entries[0]?.[0] !== place.at) {
      this.gap(place.at, true, entries, info, undefined);
    }
    if (this.place === undefined && place !== undefined) return { entries: [], added: undefined, lag: undefined };
    if (entries.length > count) entries.length = count;
    const checked = isBytes ? entries : await withUndecodable(client, key, entries);
    const added = addedUpTo(checked, before, info);
    if (checked.length > 0) {
      this.place = { after: checked.at(-1)![0], ...(added !== undefined && { added }) };
      this.position += checked.length;
    }
    const lag = added === undefined || info?.added === undefined ? undefined : Math.max(0, info.added - added);
    return { entries: checked, added, lag };
  }

  private from(): string {
    const { place } = this;
    if (place === undefined) return '-';
    return 'at' in place ? place.at : 'after' in place ? place.after : `(${place.behind}`;
  }

  /**
   * Handles a missing entry: the one that reading continues from is gone. An entry that was deleted individually, or
   * trimmed with none after it, is not missed; otherwise the policy decides. Returns the number of entries that were
   * added before those left, if known.
   */
  private gap(
    id: EntryId,
    isInclusive: boolean,
    entries: readonly Entry[],
    info: StreamInfo | undefined,
    added: number | undefined,
  ): number | undefined {
    const { key, onLost, logger } = this.setup;
    const { position } = this;
    const recreated = recreation(info, id, added);
    if (info === undefined || recreated !== undefined) {
      const error = streamRecreated(key, id, recreated ?? 'it is gone', position);
      if (onLost === 'fail') throw error;
      logger.warn({ stream: key, position }, error.message);
      this.place = undefined;
      return undefined;
    }
    if (info.first !== undefined && compareIds(info.first, id) < 0) return added;
    if (!isInclusive && info.last === id) return added;
    const count =
      isInclusive || added === undefined || info.added === undefined ? undefined : info.added - info.length - added;
    if (count === 0) return added;
    const error = entriesLost({ key, id, isInclusive, first: entries[0]?.[0], position, count });
    if (onLost === 'fail') throw error;
    logger.warn({ stream: key, position }, error.message);
    // Reported once, even if nothing follows yet.
    this.place = { behind: id };
    return undefined;
  }

  private async wait(): Promise<void> {
    const { key, makeWaiting, longestWaitMs } = this.setup;
    const { place } = this;
    if (this.isClosed) return;
    this.waiting ??= makeWaiting();
    const id =
      place === undefined ? beforeAll : 'after' in place ? place.after : 'behind' in place ? place.behind : place.at;
    await this.waiting.send(['XREAD', 'COUNT', '1', 'BLOCK', String(longestWaitMs), 'STREAMS', key, id]);
  }
}
