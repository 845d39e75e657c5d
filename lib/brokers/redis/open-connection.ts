import { randomUUID } from 'node:crypto';
import { systemClock } from '../../base/clock.js';
import type { Logger } from '../../base/logger.js';
import { WaterMillError } from '../../base/watermill-error.js';
import type { Connection, ConnectRequest, InputRequest, OutputRequest, StreamEntry } from '../broker.js';
import { evictionPolicy } from './client/eviction-policy.js';
import type { OpenRedis } from './client/redis-client.js';
import { type KeyType, keyCountsDiffer, notChosenByKey, redisFailed, wrongType } from './client/redis-errors.js';
import { SteadyClient } from './client/steady-client.js';
import { progressKey } from './commit/lane-record.js';
import { resultForm } from './commit/result-commands.js';
import type { ListPlace, RedisEntry, RedisPlace, StreamPlace } from './options/places.js';
import type { RedisSettings } from './options/redis-options.js';
import { changedKeys } from './reading/changed-keys.js';
import type { ConnectionSetup, Progress } from './reading/connection-setup.js';
import { consumerGroup } from './reading/group-consumer.js';
import { RedisConnection } from './redis-connection.js';

/** Opens the first connection, and checks the types of the keys; nothing is read or written yet. */
export async function openConnection(
  open: OpenRedis,
  settings: RedisSettings,
  request: ConnectRequest,
  letterPlace: ConnectionSetup['letterPlace'],
): Promise<Connection> {
  checkUse(settings, request);
  const inputs = request.inputs.map((input) => ({ ...input, place: placeOf(input) }));
  const outputs = request.outputs.map((output) => {
    const place = resultPlace(output);
    if (output.key !== undefined && place.keys.length > 1) throw notChosenByKey(output.message.name, place.keys);
    return { keys: place.keys, form: resultForm(output.message, place, output.entry.codec) };
  });
  const leads = request.lanes === undefined && inputs.length > 0;
  const lanes = laneCount(inputs);
  const writingLanes = leads ? lanes : (request.lanes ?? 1);
  checkOutputs(outputs, writingLanes);
  const token = randomUUID();
  const progress = progressOf(inputs, leads, settings, token);
  const first = await open();
  const steady = (opened?: typeof first): SteadyClient => {
    let next = opened;
    const reopen: OpenRedis = async () => {
      const client = next ?? (await open());
      next = undefined;
      return client;
    };
    return new SteadyClient({ open: reopen, retry: settings.retry, logger: request.logger, clock: systemClock });
  };
  const client = steady(first);
  try {
    const places = [...inputs.map(({ place }) => place), ...request.outputs.map(resultPlace)];
    const changed = changedKeys({ inputs, letterPlace, progress });
    await checkTypes(client, places, changed, progress && progressKey(progress.group));
    if (progress !== undefined) await warnOfEviction(client, progress.group, request.logger);
  } catch (error) {
    client.close();
    throw redisFailed(error, 'checking the keys', settings.address);
  }
  const counts = { lanes, writingLanes };
  return new RedisConnection({
    client,
    steady,
    settings,
    request,
    inputs,
    outputs,
    ...counts,
    leads,
    progress,
    token,
    letterPlace,
  });
}

/** The progress to keep, and its name. */
function progressOf(
  inputs: readonly { readonly place: RedisPlace }[],
  leads: boolean,
  { group }: RedisSettings,
  token: string,
): Progress | undefined {
  const places = inputs.map(({ place }) => place);
  const shared = places.find((place) => place.kind === 'group');
  if (shared !== undefined) {
    const name = consumerGroup((shared.group ?? group) as string, shared.consumer);
    return { group: name, isOfThisRun: false, isShared: true };
  }
  const hasLists = places.some(({ kind }) => kind === 'list');
  if (!hasLists && (!leads || group === undefined)) return undefined;
  return { group: group ?? `run:${token}`, isOfThisRun: group === undefined, isShared: false };
}

function placeOf({ entry }: InputRequest | OutputRequest): RedisPlace {
  return (entry as RedisEntry).place;
}

function resultPlace(output: OutputRequest): StreamPlace | ListPlace {
  const place = placeOf(output);
  if (place.kind !== 'group') return place;
  const name = output.message.name;
  throw new WaterMillError(
    'WM_STREAM_MISSING',
    `RedisMessageBroker has redisGroup() for ${name}, which only reads, and the mill writes ${name}: use redisStream() or redisList().`,
    { message: name, expected: 'redisStream or redisList', found: 'redisGroup' },
  );
}

/** Throws if these settings do not work for this mill. */
function checkUse(settings: RedisSettings, { inputs, outputs, lanes, tables = [] }: ConnectRequest): void {
  const places = inputs.map(placeOf);
  const once = places.find((place) => place.kind === 'list' && place.delivery === 'at-most-once');
  if (settings.exactlyOnce && once !== undefined) {
    throw new WaterMillError(
      'WM_GUARANTEE',
      `${once.keys.join(', ')} is read at most once, and the guarantee is exactly-once: elements in progress when the process dies would be lost. Use delivery: 'at-least-once', or guarantee: 'at-least-once'.`,
      { stream: once.keys.join(', '), expected: "delivery: 'at-least-once'", found: 'at-most-once' },
    );
  }
  const [table] = tables;
  if (table !== undefined && once !== undefined && settings.group !== undefined) {
    throw new WaterMillError(
      'WM_TABLE',
      `${once.keys.join(', ')} is read at most once, and the mill keeps the table ${table.name}: elements in progress when the process dies would be missing in it. Use delivery: 'at-least-once'.`,
      { table: table.name, stream: once.keys.join(', '), expected: "delivery: 'at-least-once'", found: 'at-most-once' },
    );
  }
  if (!settings.exactlyOnce) return;
  if ((inputs.length === 0 || lanes !== undefined) && outputs.length > 0) {
    throw new WaterMillError(
      'WM_GUARANTEE',
      'Results cannot be written to Redis exactly once, since another broker leads the mill: positions there and results here are not one transaction. Use at-least-once, or read the master from the same server.',
      { expected: 'the master on the same broker', found: 'another broker' },
    );
  }
  if (settings.group === undefined && places.some(({ kind }) => kind === 'stream')) {
    throw new WaterMillError(
      'WM_BROKER_OPTIONS',
      "RedisMessageBroker with guarantee: 'exactly-once' needs the option 'group', a name of your choice: positions are stored under it.",
      { expected: 'a group', found: 'none' },
    );
  }
}

/** What is stored would be lost without a word: the next run would start over. */
async function warnOfEviction(client: SteadyClient, group: string, logger: Logger): Promise<void> {
  const policy = await evictionPolicy(client);
  if (policy === undefined) return;
  const text = `The server deletes keys when its memory is full (maxmemory-policy ${policy}), and with them the progress of the group ${group}, its tables, and streams: set maxmemory-policy noeviction`;
  logger.warn({ group, policy }, text);
}

/** Every stream must have the same number of keys, one per lane; all keys of a list or a group are one lane. */
function laneCount(inputs: readonly { readonly entry: StreamEntry; readonly place: RedisPlace }[]): number {
  const countOf = ({ keys, kind }: RedisPlace) => (kind === 'stream' ? keys.length : 1);
  const counts = new Map(inputs.map(({ entry, place }) => [entry.label, countOf(place)]));
  const [lanes = 1] = counts.values();
  if ([...counts.values()].some((count) => count !== lanes)) throw keyCountsDiffer(counts);
  return lanes;
}

/** Every output must have one key per lane, or one for all. */
function checkOutputs(outputs: readonly { readonly keys: readonly string[] }[], lanes: number): void {
  const wrong = outputs.filter(({ keys }) => keys.length !== 1 && keys.length !== lanes);
  if (wrong.length === 0) return;
  const counts = wrong.map(({ keys }) => [keys.join(', '), keys.length] as const);
  throw keyCountsDiffer(new Map([...counts, ['the lanes that write to them', lanes]]));
}

/** Throws if a key of a place, one that reading changes, or the hash with the progress, is of another type. */
async function checkTypes(
  client: SteadyClient,
  places: readonly RedisPlace[],
  changed: readonly (readonly [key: string, type: KeyType])[],
  progress: string | undefined,
): Promise<void> {
  const expected = new Map<string, KeyType>(changed);
  if (progress !== undefined) expected.set(progress, 'hash');
  for (const { kind, keys } of places) for (const key of keys) expected.set(key, kind === 'list' ? 'list' : 'stream');
  const found = await client.run((connection) =>
    Promise.all([...expected.keys()].map((key) => connection.send(['TYPE', key]))),
  );
  for (const [i, [key, type]] of [...expected].entries()) {
    if (found[i] !== 'none' && found[i] !== type) throw wrongType(key, type, found[i]);
  }
}
