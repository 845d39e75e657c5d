import { isRefusal, type RedisClient } from '../client/redis-client.js';
import { beforeAll, compareIds, type EntryId } from '../entries/entry-id.js';

/** The server's information about a stream. */
export interface StreamInfo {
  readonly length: number;
  /** The first entry that is left. */
  readonly first: EntryId | undefined;
  /** The id of the last entry that was added, even if it is gone. */
  readonly last: EntryId;
  /** The number of entries ever added; undefined if the server does not count them (before Redis 7). */
  readonly added: number | undefined;
  /** The highest id of an entry that was deleted individually, not trimmed. */
  readonly deleted: EntryId;
}

/** Undefined if the key does not exist. */
export async function streamInfo(client: RedisClient, key: string): Promise<StreamInfo | undefined> {
  let reply: readonly unknown[];
  try {
    reply = await client.send(['XINFO', 'STREAM', key]);
  } catch (error) {
    if (isRefusal(error, 'ERR')) return undefined;
    throw error;
  }
  const found = new Map<unknown, any>();
  for (let i = 0; i < reply.length; i += 2) found.set(reply[i], reply[i + 1]);
  return {
    length: Number(found.get('length')),
    first: found.get('first-entry')?.[0],
    last: found.get('last-generated-id'),
    added: found.get('entries-added'),
    deleted: found.get('max-deleted-entry-id') ?? beforeAll,
  };
}

/**
 * The number of entries ever added up to the last one of a page, if it can be determined: the page reaches the end of
 * the stream, or starts at its first entry and none was deleted from the middle.
 */
export function addedUpTo(
  page: readonly (readonly [id: EntryId, ...unknown[]])[],
  before: number | undefined,
  info: StreamInfo | undefined,
): number | undefined {
  if (info?.added === undefined || page.length === 0) return before;
  const [first, last] = [page[0]![0], page.at(-1)![0]];
  if (last === info.last) return info.added;
  if (compareIds(info.deleted, first) >= 0) return undefined;
  if (before !== undefined) return before + page.length;
  return first === info.first ? info.added - info.length + page.length : undefined;
}

/**
 * How a stream shows that it was deleted and created again, or lost data, since it was read up to an entry that it no
 * longer has; undefined if it does not show that. `added`: the number of entries ever added up to that one, if known.
 */
export function recreation(info: StreamInfo | undefined, id: EntryId, added: number | undefined): string | undefined {
  if (info === undefined) return undefined;
  if (compareIds(info.last, id) < 0) return `its last id is ${info.last}`;
  if (added === undefined || info.added === undefined) return undefined;
  if (info.added < added) return `only ${info.added} entries were ever added to it`;
  // If its first entry is a later one, all that were read must have been removed.
  const isAllRemoved = info.first === undefined || compareIds(info.first, id) > 0;
  const removed = info.added - info.length;
  return isAllRemoved && removed < added ? `only ${removed} entries were ever removed from it` : undefined;
}
