import type { Json } from '../../../base/json.js';
import { progressKey } from '../commit/lane-record.js';
import { beforeAll } from '../entries/entry-id.js';
import { parserOf } from '../entries/entry-values.js';
import type { StreamPlace } from '../options/places.js';
import type { ConnectionSetup, RedisInput } from './connection-setup.js';
import { keyFailure } from './key-failure.js';
import { streamInfo } from './stream-info.js';
import { StreamPages, type StreamPlaceMark } from './stream-pages.js';
import { RedisStreamReader, type StreamMark } from './stream-reader.js';

/** The start of streams that are read from their end, by key: resolved once, and kept with the group's progress. */
export type StreamStarts = ReadonlyMap<string, StreamPlaceMark>;

/** The field of a group's progress with the start of a stream that is read from its end. */
export function startField(key: string): string {
  return `start:${key}`;
}

/** Resolves the ends of the streams that are read from their end, unless the group did so before. */
export async function resolveStarts({ client, settings, inputs }: ConnectionSetup): Promise<StreamStarts> {
  const places = inputs.map(({ place }) => place).filter((place) => place.kind === 'stream' && place.start === 'end');
  const keys = [...new Set(places.flatMap((place) => place.keys))];
  const found = await Promise.all(
    keys.map(async (key) => {
      const info = await client.run((connection) => streamInfo(connection, key));
      const end: StreamPlaceMark =
        info?.added === undefined ? { behind: info?.last ?? beforeAll } : { after: info.last, added: info.added };
      if (settings.group === undefined) return [key, end] as const;
      const hash = progressKey(settings.group);
      await client.send(['HSETNX', hash, startField(key), JSON.stringify(end)]);
      return [key, JSON.parse(await client.send(['HGET', hash, startField(key)]))] as const;
    }),
  );
  return new Map(found);
}

/** Opens a stream at a mark, or at its start. */
export async function openStream(
  setup: ConnectionSetup,
  { message, entry, place }: RedisInput & { readonly place: StreamPlace },
  key: string,
  mark: Json | undefined,
  starts: StreamStarts,
): Promise<RedisStreamReader> {
  const { client, steady, settings, request } = setup;
  const { position, ...marked } = (mark ?? { position: 0 }) as StreamMark;
  const isMarked = mark !== undefined && mark !== null;
  const raw = entry.codec?.raw === true;
  const pages = new StreamPages(
    {
      client,
      makeWaiting: steady,
      key,
      count: place.count,
      isBytes: raw,
      onLost: place.onLost,
      longestWaitMs: settings.longestWaitMs,
      logger: request.logger,
    },
    isMarked ? (marked as StreamPlaceMark) : startOf(place, key, starts),
    position,
  );
  return new RedisStreamReader({
    key,
    pages,
    parse: parserOf(message, entry.codec, place.fields),
    position,
    failed: (cause) => keyFailure(cause, setup, [key], 'stream'),
  });
}

function startOf({ start }: StreamPlace, key: string, starts: StreamStarts): StreamPlaceMark | undefined {
  if (start === 'beginning') return undefined;
  return start === 'end' ? starts.get(key) : { behind: start };
}
