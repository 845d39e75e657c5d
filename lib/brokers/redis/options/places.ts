import type { MessageClass } from '../../../base/class.js';
import { BadMessage } from '../../../messages/index.js';
import type { StreamEntry } from '../../broker.js';
import { optionsError } from '../../broker-options.js';
import { isEntryId } from '../entries/entry-id.js';
import { checkedOptions, countAboveZero, oneOf, text } from './place-options.js';

/** A place in Redis for the elements of a class, made by `redisStream`, `redisList` or `redisGroup`. */
export type RedisPlace = StreamPlace | ListPlace | GroupPlace;

/** An entry of a broker, with its place. */
export interface RedisEntry extends StreamEntry {
  readonly place: RedisPlace;
}

/** The representation of an element in an entry of a stream. */
export interface RedisFields {
  /**
   * `json`: as JSON text in the field `json`. `each`: a field of the entry for each field of the class, as text.
   * Default: `json` for results; inputs may use either: an entry with only the field `json` contains JSON, all others
   * contain fields.
   */
  readonly fields?: 'json' | 'each';
}

/** How a stream is read and written. */
export interface RedisStreamOptions extends RedisFields {
  /**
   * Where reading starts if the group has no position: at the `beginning`, at the `end` (resolved once to an id, and
   * kept), or after the entry with this id. Default: `beginning`.
   */
  readonly start?: 'beginning' | 'end' | string;
  /** The number of entries per read; up to twice as many are held. Default: 1,000. */
  readonly count?: number;
  /** For results: about this many entries are kept, and older ones are trimmed. Default: all are kept. */
  readonly maxLength?: number;
  /**
   * What to do if entries were trimmed before they were read: `fail` with an error that names them, or continue at the
   * `earliest` that is left. Default: `fail`.
   */
  readonly onLost?: 'fail' | 'earliest';
}

/** How elements of a list are taken and put. */
export interface RedisListOptions {
  /** The end that elements are taken from. Default: `head`. */
  readonly take?: 'head' | 'tail';
  /** The end that results are added to. Default: `tail`. */
  readonly put?: 'head' | 'tail';
  /**
   * `at-least-once`: an element is kept in a list of the mill's own until its results are committed. `at-most-once`: it
   * is removed when it is taken, and lost if the process crashes. Default: `at-least-once`.
   */
  readonly delivery?: 'at-least-once' | 'at-most-once';
  /**
   * For several lists: true takes from them in turn; false from the first one that has an element, in the order of the
   * keys. Default: false.
   */
  readonly fair?: boolean;
}

/** How a consumer of a group reads. */
export interface RedisGroupOptions extends RedisFields {
  /** The name of this consumer. Another process with the same name replaces it immediately. */
  readonly consumer: string;
  /** The consumer group in Redis. Default: the broker's `group`. */
  readonly group?: string;
  /**
   * A consumer without a sign of life for this long is dead: others claim its messages. Milliseconds. Default: 50,000.
   */
  readonly claimAfterMs?: number;
  /** A message that was delivered this many times without being acknowledged becomes a dead letter. Default: 5. */
  readonly maxDeliveries?: number;
  /**
   * The class of the dead letters. They go to its entry if the broker has one, otherwise to the stream
   * `KEY:dead-letters`. Default: `BadMessage`.
   */
  readonly deadLetter?: MessageClass<any>;
  /** The number of messages to take at once. Default: 100. */
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
 * A stream of Redis, or several, each of them a lane: `['orders:0', 'orders:1']`. It is read in order from a position
 * that the mill keeps, so it can be joined. Other readers of the stream are not affected.
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
    count: given.take<number>('count', ...countAboveZero) ?? 1_000,
    maxLength: given.take<number>('maxLength', ...countAboveZero),
    onLost: given.take<'fail' | 'earliest'>('onLost', ...oneOf('fail', 'earliest')) ?? 'fail',
  } as const);
}

/**
 * A list of Redis, or several, as a queue: each element is taken once. It has no positions, so a mill cannot reread it.
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
 * A stream of Redis, or several, whose messages are shared among the consumers of a group. Their order is not reliable
 * enough for a join: a join is refused unless the input has an `order` with a slack.
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
  const consumer = given.take<string>('consumer', ...text);
  if (consumer === undefined) throw optionsError(place, "The option 'consumer'", text[0], undefined);
  const isClass = (value: unknown) => typeof value === 'function';
  return Object.freeze({
    what: 'redis',
    kind: 'group',
    keys: keysOf(place, keys),
    fields: given.take<'json' | 'each'>('fields', ...oneOf('json', 'each')),
    consumer,
    group: given.take<string>('group', ...text),
    claimAfterMs: given.take<number>('claimAfterMs', ...countAboveZero) ?? 50_000,
    maxDeliveries: given.take<number>('maxDeliveries', ...countAboveZero) ?? 5,
    deadLetter: given.take<MessageClass<any>>('deadLetter', 'a message class', isClass) ?? BadMessage,
    count: given.take<number>('count', ...countAboveZero) ?? 100,
  } as const);
}

/** Returns whether an object was made by one of these functions, possibly those of another copy of this package. */
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
