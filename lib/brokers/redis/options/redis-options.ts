import type { MessageClass } from '../../../base/class.js';
import type { StreamCodec } from '../../../messages/index.js';
import { type BrokerOptions, isOptions } from '../../broker-options.js';
import type { Retry } from '../../retry.js';
import { type ClientOptions, silenceOf } from '../client/node-redis-client.js';
import { oneOf, text } from './place-options.js';
import type { RedisPlace } from './places.js';

/** Classes and their places; each entry is checked separately. */
export type RedisEntries<C extends readonly MessageClass<any>[]> = {
  [I in keyof C]:
    | readonly [message: C[I], place: RedisPlace]
    | readonly [message: C[I], place: RedisPlace, codec: StreamCodec<InstanceType<C[I]>>];
};

/** The options of a `RedisMessageBroker`. Times are in milliseconds. */
export interface RedisOptions<C extends readonly MessageClass<any>[] = readonly MessageClass<any>[]> {
  /** `redis[s]://[[username][:password]@][host][:port][/db-number]`. Default: `redis://localhost:6379`. */
  readonly url?: string;
  /** Options of the package `redis`, such as `{ socket: { path: '/run/redis.sock' } }`; see its documentation. Never logged. */
  readonly client?: object;
  /**
   * The name under which progress is kept. Default: nothing is kept, and each run starts at the start of its streams.
   */
  readonly group?: string;
  /** The classes and their places. Several classes on one stream are several nodes on it. */
  readonly entries: RedisEntries<C>;
  /**
   * `at-least-once`: results are written as they are produced, then positions are committed; a crash in between repeats
   * the results since the last commit. `exactly-once`: results and positions are one transaction (`MULTI`). Default:
   * `at-least-once`.
   */
  readonly guarantee?: 'at-least-once' | 'exactly-once';
  /** A stream without new values for this long has ended. Default: it waits forever. */
  readonly dataTimeoutMs?: number;
  /** The `onTimeout` of an open expression window is called after this long without new elements. Default: never. */
  readonly pollTimeoutMs?: number;
  /**
   * How often a broken connection is reopened before the run fails, and the pauses before that, which double. Default:
   * 12 times, starting at 50 ms, at most 2 s apart: 15 seconds in total.
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

/** The options with defaults filled in. */
export interface RedisSettings {
  readonly group: string | undefined;
  readonly exactlyOnce: boolean;
  readonly retry: Retry;
  /** Options that are passed to the client library. */
  readonly client: ClientOptions;
  /** The maximum duration of a blocking command: shorter than the timeout of a silent connection. */
  readonly longestWaitMs: number;
  /** The address of the server for messages, without a password. */
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
    group: options.take<string>('group', ...text),
    exactlyOnce: options.take('guarantee', ...oneOf('at-least-once', 'exactly-once')) === 'exactly-once',
    retry: { retries: 12, initialRetryTime: 50, maxRetryTime: 2_000, ...retry },
    client,
    longestWaitMs: Math.min(longestWaitMs, Math.ceil(silenceOf(client) / 2)),
    address: addressOf(client),
  };
}

/** Longer waits would not notice that a stream was deleted or recreated. */
const longestWaitMs = 5_000;

function isRedisUrl(value: unknown): boolean {
  return typeof value === 'string' && /^rediss?:\/\//.test(value) && URL.canParse(value);
}

const retryNames = ['retries', 'initialRetryTime', 'maxRetryTime'];

function isRetry(value: unknown): boolean {
  const isPart = (part: unknown) => Number.isFinite(part) && (part as number) >= 0;
  return isOptions(value) && Object.values(value).every(isPart);
}

/** A client object belongs to the program, which may close it. */
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
