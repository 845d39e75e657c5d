import { thrownText } from '../../base/thrown.js';

/** One word of a command. */
export type RedisArgument = string | Buffer;
export type RedisCommand = readonly RedisArgument[];

/**
 * What WaterMill needs of a Redis client library, in its own words: one connection. Commands that are sent without
 * waiting travel together, and are answered in order. Replies are those of RESP 2: texts, numbers, null, and arrays of
 * them. Every failure is a `RedisClientError`.
 */
export interface RedisClient {
  send(command: RedisCommand): Promise<any>;
  /** The same, with bytes for texts in the reply. */
  sendForBytes(command: RedisCommand): Promise<any>;
  /** At once: what was not answered rejects as interrupted. */
  close(): void;
}

/** Opens a connection, or rejects. A closed or broken one is never repaired: another one is opened. */
export type OpenRedis = () => Promise<RedisClient>;

/**
 * `interrupted`: the connection broke, or the server is busy with itself, so the same may go well later; `refused`: the
 * server said no; `given up`: it was retried as often as it may be.
 */
export type RedisFailure = 'interrupted' | 'refused' | 'given up';

export class RedisClientError extends Error {
  override readonly name = 'RedisClientError';

  constructor(
    readonly kind: RedisFailure,
    cause: unknown,
    /** The first word of what the server said: `WRONGTYPE`. */
    readonly code?: string,
  ) {
    super(thrownText(cause), { cause });
  }
}

/** Whether the server refused a command with this word. */
export function isRefusal(error: unknown, code: string): boolean {
  return error instanceof RedisClientError && error.kind === 'refused' && error.code === code;
}
