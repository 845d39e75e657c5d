import { realTime } from '../../base/real-time.js';
import { type RedisClient, RedisClientError, type RedisCommand } from './client.js';
import { redis } from './redis-package.js';

/** What a user passes to the package `redis`. */
export type ClientOptions = Readonly<Record<string, unknown>>;

/** A connection on which nothing came for this long is taken for broken. */
const socketTimeoutMs = 30_000;

/** The same, as the options say; 0 there: no connection is taken for broken. Milliseconds. */
function timeoutOf({ socket }: ClientOptions): number {
  return (socket as { socketTimeout?: number } | undefined)?.socketTimeout ?? socketTimeoutMs;
}

/** Within this many milliseconds something comes on every connection, also if there is nothing to do. */
export function silenceOf(options: ClientOptions): number {
  return timeoutOf(options) || socketTimeoutMs;
}

/** Answers of a server that is starting, or busy with a script or a failover. */
const passing = ['LOADING', 'BUSY', 'TRYAGAIN', 'MASTERDOWN', 'CLUSTERDOWN', 'READONLY', 'NOREPLICAS'];

/**
 * A connection by the package `redis`. It reconnects nothing by itself: what is in progress then must be decided by those
 * who know whether it may be repeated.
 */
export async function openNodeRedis(options: ClientOptions): Promise<RedisClient> {
  const client = redis.createClient({
    ...options,
    RESP: 2,
    disableOfflineQueue: true,
    socket: { ...(options.socket as object), socketTimeout: timeoutOf(options), reconnectStrategy: false },
  } as never);
  // Each failure reaches the commands that it concerns; an event without a listener would end the process.
  client.on('error', () => {});
  // So that something comes also if there is nothing to do. The package's own timer continues when a connection has broken.
  // Sending counts as life, too: while one is not answered, none is sent.
  let isAsked = false;
  const answered = (): void => {
    isAsked = false;
  };
  const ping = (): void => {
    if (isAsked || !client.isReady) return;
    isAsked = true;
    client.sendCommand(['PING']).then(answered, answered);
  };
  const pinging = realTime.setInterval(ping, Math.ceil(silenceOf(options) / 3));
  pinging.unref();
  const bytes = { typeMapping: { [redis.RESP_TYPES.BLOB_STRING]: Buffer } } as never;
  const close = (): void => {
    realTime.clearInterval(pinging);
    if (client.isOpen) client.destroy();
  };
  try {
    await client.connect();
  } catch (error) {
    close();
    throw translated(error);
  }
  return {
    send: (command: RedisCommand) => client.sendCommand(command as string[]).catch(rethrown),
    sendForBytes: (command: RedisCommand) => client.sendCommand(command as string[], bytes).catch(rethrown),
    close,
  };
}

function rethrown(error: unknown): never {
  throw translated(error);
}

function translated(error: unknown): RedisClientError {
  if (!(error instanceof redis.ErrorReply)) return new RedisClientError('interrupted', error);
  const code = /^[A-Z]+/.exec(error.message)?.[0];
  return new RedisClientError(code !== undefined && passing.includes(code) ? 'interrupted' : 'refused', error, code);
}
