import type { WaterMillError } from '../../../base/watermill-error.js';
import { isRefusal } from '../client/redis-client.js';
import { type KeyType, redisFailed, wrongType } from '../client/redis-errors.js';
import type { ConnectionSetup } from './connection-setup.js';

/** Converts a failure to read or write some keys: a key of the wrong type is named. */
export async function keyFailure(
  cause: unknown,
  { client, settings }: Pick<ConnectionSetup, 'client' | 'settings'>,
  keys: readonly string[],
  expected: KeyType,
  what = `reading ${keys.join(', ')}`,
): Promise<Error | WaterMillError> {
  const failure = redisFailed(cause, what, settings.address);
  if (!isRefusal(cause, 'WRONGTYPE')) return failure;
  for (const key of keys) {
    const type = await client.send(['TYPE', key]).catch(() => expected);
    if (type !== expected && type !== 'none') return wrongType(key, expected, type);
  }
  return failure;
}
