import { systemClock } from '../../../base/clock.js';
import { realTime } from '../../../base/real-time.js';
import { withinTime } from '../../custom/waiting.js';
import { type RedisClient, RedisClientError, type RedisCommand } from './redis-client.js';
import { redis } from './redis-package.js';

/** The options for the package `redis`. */
export type ClientOptions = Readonly<Record<string, unknown>>;

/** A connection without data for this long counts as broken. Milliseconds. */
const socketTimeoutMs = 30_000;

/** A connection must be open, and have answered, within this time. Milliseconds. */
const connectTimeoutMs = 5_000;

/** The timeout of opening from the options; 0: no limit. Milliseconds. */
function connectTimeoutOf({ socket }: ClientOptions): number {
  const given = (socket as { connectTimeout?: number } | undefined)?.connectTimeout ?? connectTimeoutMs;
  return given === 0 ? Number.POSITIVE_INFINITY : given;
}

/** The timeout of silence from the options; 0: no connection counts as broken. Milliseconds. */
function timeoutOf({ socket }: ClientOptions): number {
  return (socket as { socketTimeout?: number } | undefined)?.socketTimeout ?? socketTimeoutMs;
}

/** Every connection receives data within this many milliseconds, even if it is idle. */
export function silenceOf(options: ClientOptions): number {
  return timeoutOf(options) || socketTimeoutMs;
}

/** Transient errors of a server that is starting, or busy with a script or a failover. */
const passing = ['LOADING', 'BUSY', 'TRYAGAIN', 'MASTERDOWN', 'CLUSTERDOWN', 'READONLY', 'NOREPLICAS', 'UNBLOCKED'];

/**
 * Opens a connection with the package `redis`. It does not reconnect by itself: only callers know whether an
 * interrupted command may be repeated.
 */
export async function openNodeRedis(options: ClientOptions): Promise<RedisClient> {
  const client = redis.createClient({
    ...options,
    RESP: 2,
    disableOfflineQueue: true,
    socket: { ...(options.socket as object), socketTimeout: timeoutOf(options), reconnectStrategy: false },
  } as never);
  // Each failure reaches its commands; an event without a listener would end the process.
  client.on('error', () => {});
  // Pings keep an idle connection alive. The package's own timer continues after a connection has broken. Sending
  // counts as activity, too: while a ping is unanswered, no other is sent.
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
    // The package limits the time of the network only: a server that hangs accepts connections, and answers nothing.
    const limit = connectTimeoutOf(options);
    const late = new Error(`The server did not answer within ${limit} ms.`);
    const opened = await withinTime(client.connect(), systemClock, limit, late);
    if (opened === late) throw late;
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
