import { createClient } from 'redis';

/** The server that the tests and `npm run example` start, or the one on this machine. */
export const redisUrl: string = process.env.REDIS_URL ?? process.env.WATERMILL_TEST_REDIS ?? 'redis://localhost:6379';

/** Runs commands before or after an example; each command is an array of words. */
export async function onRedis(...commands: readonly (readonly string[])[]): Promise<any[]> {
  const client = await createClient({ url: redisUrl, RESP: 2 }).connect();
  try {
    const replies: unknown[] = [];
    for (const command of commands) replies.push(await client.sendCommand([...command]));
    return replies;
  } finally {
    client.destroy();
  }
}
