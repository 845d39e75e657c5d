import type { Class, MessageClass } from '../../base/class.js';
import { isAbort } from '../../base/is-abort.js';
import { ofThisCopy } from '../../base/loaded-copies.js';
import { isWaterMillError } from '../../base/watermill-error.js';
import type { StreamCodec } from '../../messages/index.js';
import type { Broker, BrokerAbilities, BrokerTimeouts, Connection, ConnectRequest, StreamEntry } from '../broker.js';
import { codecNames, entryOptions, membersOf } from '../broker-entry.js';
import { BrokerOptions } from '../broker-options.js';
import { openNodeRedis } from './client/node-redis-client.js';
import { notConnected } from './client/redis-errors.js';
import { openConnection } from './open-connection.js';
import { isRedisPlace, type RedisEntry, type RedisPlace } from './options/places.js';
import { type RedisOptions, type RedisSettings, redisOptionNames, redisSettings } from './options/redis-options.js';

/**
 * Streams, lists and consumer groups of Redis. Requires the package `redis`.
 *
 * **Streams** (`redisStream`) are read in order, from positions that the mill keeps, so they can be joined. Several
 * keys of one class are lanes, each joined separately. **Lists** (`redisList`) are queues. **Consumer groups**
 * (`redisGroup`) share the messages of a stream among consumers.
 *
 * Progress is kept under `watermill:GROUP`, in one transaction that only the owner of the lane can make. Processes of a
 * group share its lanes; a new process takes its share immediately, and processes without a lane stand by.
 *
 * Guarantees: `at-least-once` repeats at most the results since the last commit; `exactly-once` has results,
 * acknowledgements and positions in one transaction of one server.
 *
 * The end: an entry with the field `watermill` = `end-of-stream` ends a stream; a lane that has ended appends one to
 * its results.
 *
 * @example
 * ```ts no-run
 * const broker = new RedisMessageBroker({
 *   url: 'redis://localhost:6379',
 *   group: 'speed-meter',
 *   entries: [
 *     [RobotLocation, redisStream('robot-locations')],
 *     [NextLocation, redisStream('robot-locations')],
 *     [RobotSpeed, redisStream('robot-speed', { maxLength: 1_000_000 })],
 *   ],
 *   guarantee: 'exactly-once',
 * });
 * ```
 */
@ofThisCopy
export class RedisMessageBroker<const C extends readonly MessageClass<any>[] = readonly MessageClass<any>[]>
  implements Broker
{
  readonly name = 'RedisMessageBroker';
  readonly abilities: BrokerAbilities;
  readonly timeouts: BrokerTimeouts;
  private readonly entries: ReadonlyMap<Class, RedisEntry>;
  private readonly settings: RedisSettings;

  /** @throws WaterMillError `WM_BROKER_OPTIONS` for an entry or option that is invalid. */
  constructor(options: RedisOptions<C>) {
    const form = "new RedisMessageBroker({ entries: [[Class, redisStream('key')]] })";
    const checked = new BrokerOptions(this.name, options, redisOptionNames, form);
    this.timeouts = checked.timeouts();
    this.settings = redisSettings(checked);
    this.entries = entriesOf(checked, options.entries, this.settings);
    const { group, exactlyOnce } = this.settings;
    const places = [...this.entries.values()].map(({ place }) => place);
    this.abilities = Object.freeze({
      // Elements taken from a list, or from a group, are acknowledged with a commit.
      remembers: group !== undefined || places.some(({ kind }) => kind !== 'stream'),
      rereads: true,
      transactions: exactlyOnce,
      writesAnyClass: false,
      tables: true,
      partitionsByKey: true,
    });
  }

  streamOf(message: Class): StreamEntry | undefined {
    return this.entries.get(message);
  }

  private letterPlace(message: Class) {
    const { place, codec } = this.entries.get(message) ?? {};
    return place === undefined || place.kind === 'group' ? undefined : { place, codec };
  }

  async connect(request: ConnectRequest): Promise<Connection> {
    const { settings } = this;
    try {
      return await openConnection(
        () => openNodeRedis(settings.client),
        settings,
        request,
        (message) => this.letterPlace(message),
      );
    } catch (error) {
      if (isAbort(error) || isWaterMillError(error)) throw error;
      throw notConnected(error, settings.address);
    }
  }
}

function entriesOf(
  options: BrokerOptions,
  entries: readonly unknown[],
  { group, address }: RedisSettings,
): Map<Class, RedisEntry> {
  if (!Array.isArray(entries)) options.refuse("The option 'entries'", 'an array of [Class, place]', entries);
  const made = new Map<Class, RedisEntry>();
  for (const [i, entry] of entries.entries()) {
    const [message, place, given] = membersOf(options, `Entry ${i + 1} of entries`, entry, '[Class, place]');
    const what = `The entry of ${message.name}`;
    if (!isRedisPlace(place)) {
      options.refuse(what, 'redisStream(…), redisList(…) or redisGroup(…) after the class', place);
    }
    const codec = entryOptions<StreamCodec<any>>(options, what, given, codecNames);
    if (made.has(message)) options.refuse(what, 'one entry per class (for a second node, use an alias)', place.keys[0]);
    if (place.kind === 'group' && place.group === undefined && group === undefined) {
      options.refuse(what, 'a group: an option of redisGroup(), or of the broker', undefined);
    }
    const label = place.keys.join(', ');
    const id = `redis ${address} ${label}`;
    const added = {
      label,
      id,
      codec,
      place,
      unordered: place.kind === 'group',
      ...(place.kind === 'group' && { sharedWith: 'the other consumers of its group' }),
      onlyOnce: place.kind !== 'stream',
      clock: clockOf(place),
    };
    checkShared(options, what, added, made.values());
    made.set(message, added);
  }
  return made;
}

/** A description if the clock influences the order of the elements. */
function clockOf(place: RedisPlace): string | undefined {
  if (place.kind === 'group') {
    return `is read as it is delivered to this consumer, also entries that others have left for ${place.claimAfterMs} ms`;
  }
  return place.kind === 'list' && place.keys.length > 1
    ? 'is read from the lists that have elements when they are asked'
    : undefined;
}

/** Nodes of one reader must be read in the same way. */
function checkShared(options: BrokerOptions, what: string, entry: RedisEntry, others: Iterable<RedisEntry>): void {
  const { id, place, codec } = entry;
  for (const other of others) {
    const isSame = other.id === id;
    if (!isSame && other.place.keys.some((key) => place.keys.includes(key))) {
      options.refuse(what, 'the same keys, in the same order, as every entry that has one of them', place.keys);
    }
    if (isSame && (other.codec?.raw === true) !== (codec?.raw === true)) {
      options.refuse(what, 'raw for all classes of a stream, or for none', codec?.raw === true);
    }
    if (isSame && textOf(readingOf(other.place)) !== textOf(readingOf(place))) {
      const expected = `the same function and options as the other entry of ${other.label}`;
      options.refuse(what, expected, differing(place, other.place));
    }
  }
}

/** The options that affect reading. */
function readingOf(place: RedisPlace): Record<string, unknown> {
  const { maxLength: _, put: __, deadLetter: ___, ...reading } = place as unknown as Record<string, unknown>;
  return reading;
}

/** The function of a place if it is another one than that of the other place, else the options that differ. */
function differing(place: RedisPlace, other: RedisPlace): Record<string, unknown> {
  if (place.kind !== other.kind) return { kind: place.kind };
  const others = readingOf(other);
  return Object.fromEntries(
    Object.entries(readingOf(place)).filter(([name, value]) => textOf(others[name]) !== textOf(value)),
  );
}

function textOf(value: unknown): string | undefined {
  return JSON.stringify(value);
}
