import type { Json } from '../../base/json.js';
import type { ConnectionSetup, RedisInput } from './connection-setup.js';
import type { LaneRecord } from './lane-record.js';
import { RedisListReader } from './list-reader.js';
import { ListTaking } from './list-taking.js';
import type { ListPlace } from './places.js';
import { readFailure } from './read-failure.js';

export interface OpenedList {
  readonly reader: RedisListReader;
  readonly taking: ListTaking;
}

/** Opens lists: what the run before had taken comes first, at the positions that it had. */
export async function openList(
  setup: ConnectionSetup,
  { entry, place }: RedisInput & { readonly place: ListPlace },
  mark: Json | undefined,
  lane: string,
  record: LaneRecord,
): Promise<OpenedList> {
  const { client, steady, settings, token, progress } = setup;
  const taking = new ListTaking({ client, place, group: progress!.group, lane, token, taken: () => record.taken() });
  const kept = Number((await record.field(taking.keptField)) ?? 0);
  const reader = new RedisListReader({
    taking,
    makeWaiting: steady,
    keys: place.keys,
    raw: entry.codec?.raw === true,
    longestWaitMs: settings.longestWaitMs,
    kept,
    position: (mark as { position: number } | undefined)?.position ?? kept,
    keep: (position) => record.setField(taking.keptField, String(position)),
    failed: (cause) => readFailure(cause, setup, place.keys, 'list'),
  });
  return { reader, taking };
}
