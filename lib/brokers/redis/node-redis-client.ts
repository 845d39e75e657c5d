import { type RedisClient, RedisClientError, type RedisCommand } from './client.js';
import { redis } from './redis-package.js';

/** What a user gives to the package `redis`. */
export type ClientOptions = Readonly<Record<string, unknown>>;

/** An idle connection is asked this often whether it is alive, and is closed when nothing comes for the time below. */
const pingIntervalMs = 10_000;
const socketTimeoutMs = 30_000;

/** Answers of a server that is starting, or busy with a script or a failover. */
const passing = ['LOADING', 'BUSY', 'TRYAGAIN', 'MASTERDOWN', 'CLUSTERDOWN', 'READONLY', 'NOREPLICAS'];

/**
 * A connection by the package `redis`. It reconnects nothing by itself: what is in progress then must be decided by those
 * who know whether it may be repeated.
 */
export async function openNodeRedis(options: ClientOptions): Promise<RedisClient> {
  const client = redis.createClient({
    pingInterval: pingIntervalMs,
    ...options,
    RESP: 2,
    disableOfflineQueue: true,
    socket: { socketTimeout: socketTimeoutMs, ...(options.socket as object), reconnectStrategy: false },
  } as never);
  // Each failure reaches the commands that it concerns; an event without a listener would end the process.
  client.on('error', () => {});
  const bytes = { typeMapping: { [redis.RESP_TYPES.BLOB_STRING]: Buffer } } as never;
  const close = (): void => {
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
