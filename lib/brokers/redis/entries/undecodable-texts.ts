import { isUtf8 } from 'node:buffer';
import type { RedisClient } from '../client/redis-client.js';
import type { EntryId } from './entry-id.js';
import type { EntryFields } from './entry-values.js';

/** An entry of a stream. */
export type Entry = readonly [id: EntryId, fields: EntryFields];

/**
 * The same entries, with bytes in place of texts that are not UTF-8. The text itself may contain the replacement
 * character, so the bytes are checked only then.
 */
export async function withUndecodable(
  client: RedisClient,
  key: string,
  entries: readonly Entry[],
): Promise<readonly Entry[]> {
  const isDoubtful = ([, fields]: Entry): boolean => fields.some((text) => (text as string).includes('\ufffd'));
  const doubtful = entries.filter(isDoubtful);
  if (doubtful.length === 0) return entries;
  const asked = doubtful.map(([id]) => client.sendForBytes(['XRANGE', key, id, id]));
  const bytes = new Map<EntryId, EntryFields>();
  for (const [entry] of await Promise.all(asked)) {
    if (entry !== undefined) bytes.set(String(entry[0]), entry[1]);
  }
  return entries.map(([id, fields]) => {
    const found = bytes.get(id);
    const text = (value: unknown, i: number) => (isUtf8(value as Buffer) ? fields[i]! : (value as Buffer));
    return found === undefined ? [id, fields] : [id, found.map(text)];
  });
}
