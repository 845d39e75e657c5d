import { thrownText } from '../../../base/thrown.js';

/** One argument of a command. */
export type RedisArgument = string | Buffer;
export type RedisCommand = readonly RedisArgument[];

/**
 * One connection of a Redis client library, as WaterMill needs it. Commands sent without waiting are pipelined, and
 * answered in order. Replies are those of RESP 2: texts, numbers, null, and arrays of them. Every failure is a
 * `RedisClientError`.
 */
export interface RedisClient {
  send(command: RedisCommand): Promise<any>;
  /** Like `send`, with bytes instead of texts in the reply. */
  sendForBytes(command: RedisCommand): Promise<any>;
  /** Closes immediately: unanswered commands reject as interrupted. */
  close(): void;
}

/** Opens a connection, or rejects. A closed or broken connection is never repaired: a new one is opened. */
export type OpenRedis = () => Promise<RedisClient>;

/**
 * `interrupted`: the connection broke, or the server is busy, so a retry may succeed; `refused`: the server replied
 * with an error; `given up`: the retries are exhausted.
 */
export type RedisFailure = 'interrupted' | 'refused' | 'given up';

export class RedisClientError extends Error {
  override readonly name = 'RedisClientError';

  constructor(
    readonly kind: RedisFailure,
    cause: unknown,
    /** The first word of the server's error: `WRONGTYPE`. */
    readonly code?: string,
  ) {
    super(thrownText(cause), { cause });
  }
}

/** Returns whether the server refused a command with this error code. */
export function isRefusal(error: unknown, code: string): boolean {
  return error instanceof RedisClientError && error.kind === 'refused' && error.code === code;
}

/** Returns whether the server has no such command, also within a script: it is disabled, or was renamed. */
export function isUnknownCommand(error: unknown): boolean {
  return isRefusal(error, 'ERR') && /unknown (redis )?command/i.test((error as RedisClientError).message);
}
