import { RedisClientError } from './redis-client.js';
import type { SteadyClient } from './steady-client.js';

/**
 * The policy by which a server with full memory deletes keys that never expire; undefined if it does not, or does not
 * say.
 */
export async function evictionPolicy(client: SteadyClient): Promise<string | undefined> {
  const memory: string = await client.send(['INFO', 'memory']).catch((error) => {
    if (error instanceof RedisClientError && error.kind === 'refused') return '';
    throw error;
  });
  const isLimited = /^maxmemory:[1-9]/m.test(memory);
  return isLimited ? /^maxmemory_policy:(allkeys-[a-z]+)/m.exec(memory)?.[1] : undefined;
}
