import type { MessageClass } from '../../base/class.js';
import { BadMessage } from '../../messages/index.js';
import type { StreamEntry } from '../broker.js';
import { optionsError } from '../broker-options.js';
import { isEntryId } from './entry-id.js';
import { checkedOptions, isCount, isText, oneOf } from './place-options.js';

/** Where in Redis the elements of a class are: what `redisStream`, `redisList` and `redisGroup` make. */
export type RedisPlace = StreamPlace | ListPlace | GroupPlace;

/** An entry of a broker, with its place. */
export interface RedisEntry extends StreamEntry {
  readonly place: RedisPlace;
}

/** How an element is held by an entry of a stream. */
export interface RedisFields {
  /**
   * `json`: as JSON text in the field `json`. `each`: a field of the entry for each field of the class, as text. Default:
   * `json` for what is written; what is read may be either: a lone field `json` holds JSON, all else are fields.
   */
  readonly fields?: 'json' | 'each';
}

export interface RedisStreamOptions extends RedisFields {
  /**
   * Where reading starts if the group has kept no position: at the `beginning`, at the `end` (which is resolved once, to an
   * id, and kept), or after the entry with this id. Default: `beginning`.
   */
  readonly start?: 'beginning' | 'end' | string;
  /** How many entries are read at once; twice as many are held. Default: 1,000. */
  readonly count?: number;
  /**
   * For results: about this many entries are kept, and older ones are trimmed. Default: all are kept.
   */
  readonly maxLength?: number;
  /**
   * Entries were trimmed that were still to be read: `fail` with an error that says which, or continue at the `earliest`
   * that is left. Default: `fail`.
   */
  readonly onLost?: 'fail' | 'earliest';
}

export interface RedisListOptions {
  /** Which end elements are taken from. Default: `head`. */
  readonly take?: 'head' | 'tail';
  /** Which end results are put to. Default: `tail`. */
  readonly put?: 'head' | 'tail';
  /**
   * `at-least-once`: an element waits in a list of the mill's own until its results are committed. `at-most-once`: it is
   * removed when it is taken, and lost if the process dies. Default: `at-least-once`.
   */
  readonly delivery?: 'at-least-once' | 'at-most-once';
  /** Several lists: true takes from them in turn; false from the first that has any, in the order of the keys. Default: false. */
  readonly fair?: boolean;
}

export interface RedisGroupOptions extends RedisFields {
  /** The name of this consumer. Another process with the same name takes its place at once. */
  readonly consumer: string;
  /** The consumer group in Redis. Default: the broker's `group`. */
  readonly group?: string;
  /**
   * A consumer that has shown no life for this long is dead: others claim its messages. Milliseconds. Default: 50,000.
   */
  readonly claimAfterMs?: number;
  /** A message that was delivered so often without being acknowledged becomes a dead letter. Default: 5. */
  readonly maxDeliveries?: number;
  /**
   * The class of the dead letters. They go to its entry if the broker has one, else to the stream `KEY:dead-letters`.
   * Default: `BadMessage`.
   */
  readonly deadLetter?: MessageClass<any>;
  /** How many messages are taken at once. Default: 100. */
  readonly count?: number;
}

export interface StreamPlace {
  readonly what: 'redis';
  readonly kind: 'stream';
  readonly keys: readonly string[];
  readonly fields: 'json' | 'each' | undefined;
  readonly start: 'beginning' | 'end' | string;
  readonly count: number;
  readonly maxLength: number | undefined;
  readonly onLost: 'fail' | 'earliest';
}

export interface ListPlace {
  readonly what: 'redis';
  readonly kind: 'list';
  readonly keys: readonly string[];
  readonly take: 'head' | 'tail';
  readonly put: 'head' | 'tail';
  readonly delivery: 'at-least-once' | 'at-most-once';
  readonly isFair: boolean;
}

export interface GroupPlace {
  readonly what: 'redis';
  readonly kind: 'group';
  readonly keys: readonly string[];
  readonly fields: 'json' | 'each' | undefined;
  readonly consumer: string;
  readonly group: string | undefined;
  readonly claimAfterMs: number;
  readonly maxDeliveries: number;
  readonly deadLetter: MessageClass<any>;
  readonly count: number;
}

/**
 * A stream of Redis, or several, each of them a lane: `['orders:0', 'orders:1']`. It is read in order from a position that
 * the mill keeps, so it can be joined; no other reader of it is affected.
 *
 * @throws WaterMillError `WM_BROKER_OPTIONS` for a key or an option that is invalid.
 * @example
 * ```ts no-run
 * redisStream('robot-locations', { start: 'beginning', count: 1_000 });
 * ```
 */
export function redisStream(key: string | readonly string[], options: RedisStreamOptions = {}): RedisPlace {
  const place = 'redisStream()';
  const given = checkedOptions(place, options, ['fields', 'start', 'count', 'maxLength', 'onLost']);
  const isStart = (value: unknown) =>
    value === 'beginning' || value === 'end' || (typeof value === 'string' && isEntryId(value));
  return Object.freeze({
    what: 'redis',
    kind: 'stream',
    keys: keysOf(place, key),
    fields: given.take<'json' | 'each'>('fields', ...oneOf('json', 'each')),
    start: given.take<string>('start', "'beginning', 'end' or an id such as '1700000000000-0'", isStart) ?? 'beginning',
    count: given.take<number>('count', ...isCount) ?? 1_000,
    maxLength: given.take<number>('maxLength', ...isCount),
    onLost: given.take<'fail' | 'earliest'>('onLost', ...oneOf('fail', 'earliest')) ?? 'fail',
  } as const);
}

/**
 * A list of Redis, or several, as a queue: each element is taken once. It has no positions, so a mill cannot go back in it.
 *
 * @throws WaterMillError `WM_BROKER_OPTIONS` for a key or an option that is invalid.
 * @example
 * ```ts no-run
 * redisList(['urgent', 'jobs'], { fair: false }); // jobs only when nothing is urgent
 * ```
 */
export function redisList(keys: string | readonly string[], options: RedisListOptions = {}): RedisPlace {
  const place = 'redisList()';
  const given = checkedOptions(place, options, ['take', 'put', 'delivery', 'fair']);
  const end = oneOf('head', 'tail');
  const isFair = given.take<boolean>('fair', 'true or false', (value) => typeof value === 'boolean');
  return Object.freeze({
    what: 'redis',
    kind: 'list',
    keys: keysOf(place, keys),
    take: given.take<'head' | 'tail'>('take', ...end) ?? 'head',
    put: given.take<'head' | 'tail'>('put', ...end) ?? 'tail',
    delivery:
      given.take<'at-least-once' | 'at-most-once'>('delivery', ...oneOf('at-least-once', 'at-most-once')) ??
      'at-least-once',
    isFair: isFair ?? false,
  } as const);
}

/**
 * A stream of Redis, or several, of which the consumers of a group share the messages. They come in no order that a join
 * could rely on: it is refused unless the input has an `order` with a slack.
 *
 * @throws WaterMillError `WM_BROKER_OPTIONS` for a key or an option that is invalid.
 * @example
 * ```ts no-run
 * redisGroup('orders', { consumer: 'worker-1', maxDeliveries: 5, deadLetter: BadMessage });
 * ```
 */
export function redisGroup(keys: string | readonly string[], options: RedisGroupOptions): RedisPlace {
  const place = 'redisGroup()';
  const names = ['fields', 'consumer', 'group', 'claimAfterMs', 'maxDeliveries', 'deadLetter', 'count'];
  const given = checkedOptions(place, options, names);
  const consumer = given.take<string>('consumer', ...isText);
  if (consumer === undefined) throw optionsError(place, "The option 'consumer'", isText[0], undefined);
  const isClass = (value: unknown) => typeof value === 'function';
  return Object.freeze({
    what: 'redis',
    kind: 'group',
    keys: keysOf(place, keys),
    fields: given.take<'json' | 'each'>('fields', ...oneOf('json', 'each')),
    consumer,
    group: given.take<string>('group', ...isText),
    claimAfterMs: given.take<number>('claimAfterMs', ...isCount) ?? 50_000,
    maxDeliveries: given.take<number>('maxDeliveries', ...isCount) ?? 5,
    deadLetter: given.take<MessageClass<any>>('deadLetter', 'a message class', isClass) ?? BadMessage,
    count: given.take<number>('count', ...isCount) ?? 100,
  } as const);
}

/** Whether an object was made by one of these functions; it may be of another copy of this package. */
export function isRedisPlace(value: unknown): value is RedisPlace {
  const { what, kind, keys } = (typeof value === 'object' && value !== null ? value : {}) as Partial<RedisPlace>;
  return what === 'redis' && typeof kind === 'string' && Array.isArray(keys);
}

function keysOf(place: string, given: unknown): readonly string[] {
  const keys = Array.isArray(given) ? [...given] : [given];
  const isKey = (key: unknown) => typeof key === 'string' && key !== '';
  if (keys.length === 0 || !keys.every(isKey)) {
    throw optionsError(place, 'The key', 'a non-empty string, or an array of them', given);
  }
  const twice = keys.find((key, i) => keys.indexOf(key) !== i);
  if (twice !== undefined) throw optionsError(place, 'The list of keys', 'each key once', twice);
  return Object.freeze(keys);
}
