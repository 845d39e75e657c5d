import { isRefusal, type RedisClient } from './client.js';
import { beforeAll, compareIds, type EntryId } from './entry-id.js';

/** What the server says of a stream. */
export interface StreamInfo {
  readonly length: number;
  /** The first entry that is left. */
  readonly first: EntryId | undefined;
  /** Of the entry that was added last, whether it is left or not. */
  readonly last: EntryId;
  /** How many entries were ever added; undefined if the server does not count them (before Redis 7). */
  readonly added: number | undefined;
  /** The highest id that was deleted one by one, not trimmed. */
  readonly deleted: EntryId;
}

/** Undefined if there is no such key. */
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
 * How many entries were ever added up to the last one of a page, if that can be told: the page reaches the end of the
 * stream, or begins at its first entry and none was deleted from the middle.
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
