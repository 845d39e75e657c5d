import type { Json } from '../../../base/json.js';
import { schemaOf } from '../../../messages/index.js';
import { stillTaken } from '../client/redis-errors.js';
import type { LaneRecord } from '../commit/lane-record.js';
import type { ListPlace } from '../options/places.js';
import type { ConnectionSetup, RedisInput } from './connection-setup.js';
import { keyFailure } from './key-failure.js';
import { RedisListReader } from './list-reader.js';
import { ListTaking } from './list-taking.js';

export interface OpenedList {
  readonly reader: RedisListReader;
  readonly taking: ListTaking;
}

/** Opens lists. Elements that an earlier run had taken come first, at the same positions. */
export async function openList(
  setup: ConnectionSetup,
  { message, entry, place }: RedisInput & { readonly place: ListPlace },
  mark: Json | undefined,
  lane: string,
  record: LaneRecord,
): Promise<OpenedList> {
  const { client, steady, settings, token, progress } = setup;
  const takingOf = (keys: readonly string[]): ListTaking =>
    new ListTaking({
      client,
      place: { ...place, keys },
      group: progress!.group,
      lane,
      token,
      taken: () => record.taken(),
    });
  const taking = takingOf(place.keys);
  if (taking.keepsWhatItTakes && !progress!.isOfThisRun)
    await takeOver(taking, takingOf, schemaOf(message).name, record);
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
    failed: (cause) => keyFailure(cause, setup, place.keys, 'list'),
  });
  return { reader, taking };
}

/**
 * If the class had other lists before, moves elements that were taken from them and are not done to the current list.
 */
async function takeOver(
  taking: ListTaking,
  takingOf: (keys: readonly string[]) => ListTaking,
  name: string,
  record: LaneRecord,
): Promise<void> {
  const field = `lists:${name}`;
  const keys = JSON.stringify(taking.keys);
  const before = await record.field(field);
  if (before === keys) return;
  const commands = [record.setField(field, keys)];
  if (before !== null) {
    const former = takingOf(JSON.parse(before));
    const moves = await taking.takeOver(former);
    if (moves === undefined) throw stillTaken(record.group, name, former.keys, taking.keys);
    const kept = (await record.field(former.keptField)) ?? '0';
    commands.push(...moves, record.setField(taking.keptField, kept), record.dropField(former.keptField));
  }
  await record.change(commands);
}
