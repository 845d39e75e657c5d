import type { MessageClass } from '../../base/class.js';
import type { StreamCodec } from '../../messages/index.js';
import { type BrokerOptions, isOptions } from '../broker-options.js';
import type { Retry } from '../partitions/setbacks.js';
import { type ClientOptions, silenceOf } from './node-redis-client.js';
import { isText, oneOf } from './place-options.js';
import type { RedisPlace } from './places.js';

/** A class and its place; each entry is checked by itself. */
export type RedisEntries<C extends readonly MessageClass<any>[]> = {
  [I in keyof C]:
    | readonly [message: C[I], place: RedisPlace]
    | readonly [message: C[I], place: RedisPlace, codec: StreamCodec<InstanceType<C[I]>>];
};

/** How a `RedisMessageBroker` connects, reads and writes. Times are in milliseconds. */
export interface RedisOptions<C extends readonly MessageClass<any>[] = readonly MessageClass<any>[]> {
  /** `redis[s]://[[username][:password]@][host][:port][/db-number]`. Default: `redis://localhost:6379`. */
  readonly url?: string;
  /** Options of the package `redis`, such as `{ socket: { path: '/run/redis.sock' } }`; see its documentation. Never logged. */
  readonly client?: object;
  /** The name under which progress is kept. Default: none is, and each run starts where its streams say. */
  readonly group?: string;
  /** The classes and their places. Several classes on one stream are several nodes on it. */
  readonly entries: RedisEntries<C>;
  /**
   * `at-least-once`: results are written as they come, then positions are committed; a crash between repeats results since
   * the last commit. `exactly-once`: results and positions are one transaction (`MULTI`). Default: `at-least-once`.
   */
  readonly guarantee?: 'at-least-once' | 'exactly-once';
  /** A stream on which nothing came for this long has ended. Default: it waits forever. */
  readonly dataTimeoutMs?: number;
  /** An open window without new elements is asked again after this long. Default: never. */
  readonly pollTimeoutMs?: number;
  /**
   * How often a broken connection is opened again before the run fails, and after which pauses, which double. Default: 12
   * times, from 50 ms on, at most 2 s apart: 15 seconds in all.
   */
  readonly retry?: { readonly retries?: number; readonly initialRetryTime?: number; readonly maxRetryTime?: number };
}

export const redisOptionNames: readonly string[] = [
  'url',
  'client',
  'group',
  'entries',
  'guarantee',
  'dataTimeoutMs',
  'pollTimeoutMs',
  'retry',
];

/** The options with their defaults. */
export interface RedisSettings {
  readonly group: string | undefined;
  readonly exactlyOnce: boolean;
  readonly retry: Retry;
  /** Options that are passed to the client library. */
  readonly client: ClientOptions;
  /** How long a command that waits for entries waits at most: shorter than a silent connection is taken for alive. */
  readonly longestWaitMs: number;
  /** Where the server is, for people: without a password. */
  readonly address: string;
}

export function redisSettings(options: BrokerOptions): RedisSettings {
  const url = options.take<string>('url', 'a URL such as redis://localhost:6379', isRedisUrl);
  const given = options.take<object>('client', 'an object with options of the package redis', isClientOptions);
  if (url !== undefined && (given as ClientOptions | undefined)?.url !== undefined) {
    options.refuse("The option 'client'", 'no url, where the option url is given', given);
  }
  const retry = options.take<object>('retry', '{ retries, initialRetryTime, maxRetryTime }, each 0 or more', isRetry);
  if (retry !== undefined) options.checkNames("The option 'retry'", retry, retryNames);
  const client = { ...(given as ClientOptions), ...(url !== undefined && { url }) };
  return {
    group: options.take<string>('group', ...isText),
    exactlyOnce: options.take('guarantee', ...oneOf('at-least-once', 'exactly-once')) === 'exactly-once',
    retry: { retries: 12, initialRetryTime: 50, maxRetryTime: 2_000, ...retry },
    client,
    longestWaitMs: Math.min(longestWaitMs, Math.ceil(silenceOf(client) / 2)),
    address: addressOf(client),
  };
}

/** By then a stream that is waited for may have been deleted, or recreated. */
const longestWaitMs = 5_000;

function isRedisUrl(value: unknown): boolean {
  return typeof value === 'string' && /^rediss?:\/\//.test(value) && URL.canParse(value);
}

const retryNames = ['retries', 'initialRetryTime', 'maxRetryTime'];

function isRetry(value: unknown): boolean {
  const isPart = (part: unknown) => Number.isFinite(part) && (part as number) >= 0;
  return isOptions(value) && Object.values(value).every(isPart);
}

/** A client that was passed in belongs to the program, which may close it. */
function isClientOptions(value: unknown): boolean {
  return typeof value === 'object' && value !== null && typeof (value as { connect?: unknown }).connect !== 'function';
}

function addressOf({ url, socket, database }: ClientOptions): string {
  if (typeof url === 'string' && URL.canParse(url)) {
    const { host, pathname } = new URL(url);
    return `${host || 'localhost:6379'}${pathname === '/' ? '' : pathname}`;
  }
  const { path, host = 'localhost', port = 6379 } = (socket ?? {}) as Record<string, unknown>;
  const number = database === undefined ? '' : `/${database}`;
  return `${path ?? `${host}:${port}`}${number}`;
}
