import type { Json } from '../../../base/json.js';
import { deadLetterOf } from '../../dead-letter.js';
import { isRefusal, isUnknownCommand } from '../client/redis-client.js';
import { groupGone } from '../client/redis-errors.js';
import type { LaneRecord } from '../commit/lane-record.js';
import { resultForm } from '../commit/result-commands.js';
import { timeOfId } from '../entries/entry-id.js';
import { entryBytes, parserOf } from '../entries/entry-values.js';
import type { Entry } from '../entries/undecodable-texts.js';
import { type GroupPlace, redisStream, type StreamPlace } from '../options/places.js';
import type { ConnectionSetup, RedisInput } from './connection-setup.js';
import { keptPositions } from './delivered-messages.js';
import { GroupConsumer, type PendingMessage } from './group-consumer.js';
import { RedisGroupReader } from './group-reader.js';
import { keyFailure } from './key-failure.js';

/** Opens the input of a consumer of a group. */
export async function openGroup(
  setup: ConnectionSetup,
  input: RedisInput & { readonly place: GroupPlace },
  mark: Json | undefined,
  record: LaneRecord,
): Promise<RedisGroupReader> {
  const { client, steady, settings, request } = setup;
  const { message, entry, place } = input;
  const group = (place.group ?? settings.group) as string;
  const { keys, consumer: name, claimAfterMs } = place;
  const isBytes = entry.codec?.raw === true;
  const consumer = new GroupConsumer({ client, keys, group, consumer: name, claimAfterMs, isBytes });
  const field = `given:${keys.join(' ')}`;
  // Without a mark the mill starts over, and numbers its messages from the beginning.
  const kept = keptPositions(mark == null ? null : await record.field(field));
  return new RedisGroupReader({
    consumer,
    place,
    parse: parserOf(message, entry.codec, place.fields),
    makeWaiting: steady,
    longestWaitMs: settings.longestWaitMs,
    clock: request.clock,
    signal: request.signal,
    position: (mark as { position: number } | undefined)?.position ?? 0,
    kept,
    keep: (text) => record.setField(field, text),
    bury: (pending, found, position) =>
      record.change([...letterOf(setup, input, pending, found, position), ...consumer.acknowledgement([pending])]),
    gone: ({ list, id }) => {
      const stream = keys[list] as string;
      const text = `The message ${id} of ${stream} was deleted or trimmed before it was processed, and is skipped`;
      request.logger.warn({ message: message.name, stream, id }, text);
    },
    failed: async (cause) => {
      const isMissing = isRefusal(cause, 'NOGROUP') || (isRefusal(cause, 'ERR') && !isUnknownCommand(cause));
      const missing = isMissing ? await consumer.missingGroup().catch(() => undefined) : undefined;
      return missing === undefined ? keyFailure(cause, setup, keys, 'stream') : groupGone(group, missing);
    },
  });
}

/** The place of a stream's dead letters: the entry of their class, otherwise a stream next to it. */
export function letterTarget({ deadLetter }: GroupPlace, stream: string, letterPlace: ConnectionSetup['letterPlace']) {
  const known = letterPlace(deadLetter);
  const place = known?.place ?? (redisStream(`${stream}:dead-letters`) as StreamPlace);
  return { place, key: place.keys[0] as string, codec: known?.codec };
}

/** The commands that write the dead letter of a message. */
function letterOf(
  { letterPlace }: ConnectionSetup,
  { place }: RedisInput & { readonly place: GroupPlace },
  { list, deliveries }: PendingMessage,
  [id, fields]: Entry,
  position: number,
) {
  const { keys, deadLetter } = place;
  const stream = keys[list] as string;
  const target = letterTarget(place, stream, letterPlace);
  const error =
    `The message ${id} of ${stream} was delivered ${deliveries} times and never acknowledged: ` +
    'its call fails, or ends the process.';
  const origin = { id, key: stream, timestamp: timeOfId(id), deliveries };
  const source = { stream, lane: '0', position, raw: entryBytes(fields), error, origin };
  const form = resultForm(deadLetter, target.place, target.codec);
  return form.commands(target.key, [form.take(deadLetterOf(deadLetter, source))]);
}
