import { createClient } from 'redis';

/** The server that the tests and `npm run example` start, or the one of this machine. */
export const redisUrl: string = process.env.REDIS_URL ?? process.env.WATERMILL_TEST_REDIS ?? 'redis://localhost:6379';

/** Fills keys before an example runs, and looks at them afterwards: each command is an array of words. */
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
