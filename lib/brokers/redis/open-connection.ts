import { randomUUID } from 'node:crypto';
import { systemClock } from '../../base/clock.js';
import { WaterMillError } from '../../base/watermill-error.js';
import type { Connection, ConnectRequest, InputRequest, OutputRequest } from '../broker.js';
import type { OpenRedis } from './client.js';
import type { ListPlace, RedisEntry, RedisPlace, StreamPlace } from './places.js';
import { RedisConnection } from './redis-connection.js';
import { keyCountsDiffer, redisFailed, wrongType } from './redis-errors.js';
import type { RedisSettings } from './redis-options.js';
import { resultForm } from './result-commands.js';
import { SteadyClient } from './steady-client.js';

/** Opens the first connection, and checks what is at the keys; nothing is read or written yet. */
export async function openConnection(
  open: OpenRedis,
  settings: RedisSettings,
  request: ConnectRequest,
): Promise<Connection> {
  checkUse(settings, request);
  const inputs = request.inputs.map((input) => ({ ...input, place: placeOf(input) }));
  const outputs = request.outputs.map((output) => {
    const place = resultPlace(output);
    return { keys: place.keys, form: resultForm(output.message, place, output.entry.codec) };
  });
  const lanes = laneCount(inputs, outputs, request.lanes);
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
    await checkTypes(client, [...inputs.map(({ place }) => place), ...request.outputs.map(resultPlace)]);
  } catch (error) {
    client.close();
    throw redisFailed(error, 'checking the keys', settings.address);
  }
  return new RedisConnection({ client, steady, settings, request, inputs, outputs, lanes, token: randomUUID() });
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

/** Refuses what these settings cannot do for this mill. */
function checkUse(settings: RedisSettings, { inputs, outputs }: ConnectRequest): void {
  if (!settings.exactlyOnce) return;
  if (inputs.length === 0 && outputs.length > 0) {
    throw new WaterMillError(
      'WM_GUARANTEE',
      'Results are to be written to Redis exactly once, but the mill reads from another broker: positions there and results here cannot be one transaction. Use at-least-once, or read from the same server.',
      { expected: 'inputs on the same broker', found: 'another broker' },
    );
  }
  if (settings.group === undefined) {
    throw new WaterMillError(
      'WM_BROKER_OPTIONS',
      "RedisMessageBroker is to be exact, and for that it needs the option 'group', a name of your choice: positions are kept under it.",
      { expected: 'a group', found: 'none' },
    );
  }
}

interface Keyed {
  readonly keys: readonly string[];
}

/** Every input has equally many keys, and every output as many, or one for all lanes. */
function laneCount(
  inputs: readonly { readonly entry: InputRequest['entry']; readonly place: RedisPlace }[],
  outputs: readonly Keyed[],
  lanesOfOther: number | undefined,
): number {
  const counts = new Map(
    inputs.map(({ entry, place }) => [entry.label, place.kind === 'stream' ? place.keys.length : 1]),
  );
  const lanes = inputs.length === 0 ? (lanesOfOther ?? 1) : [...counts.values()][0]!;
  const differs = (count: number) => count !== lanes;
  const wrong = outputs.filter(({ keys }) => keys.length !== 1 && differs(keys.length));
  if ([...counts.values()].some(differs) || wrong.length > 0) {
    for (const { keys } of wrong) counts.set(keys.join(', '), keys.length);
    if (inputs.length === 0) counts.set('the lanes that the mill reads from another broker', lanes);
    throw keyCountsDiffer(counts);
  }
  return lanes;
}

async function checkTypes(client: SteadyClient, places: readonly RedisPlace[]): Promise<void> {
  const expected = new Map<string, 'stream' | 'list'>();
  for (const { kind, keys } of places) for (const key of keys) expected.set(key, kind === 'list' ? 'list' : 'stream');
  const found = await client.run((connection) =>
    Promise.all([...expected.keys()].map((key) => connection.send(['TYPE', key]))),
  );
  for (const [i, [key, type]] of [...expected].entries()) {
    if (found[i] !== 'none' && found[i] !== type) throw wrongType(key, type, found[i]);
  }
}
