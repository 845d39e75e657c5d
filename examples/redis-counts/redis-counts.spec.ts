import { randomUUID } from 'node:crypto';
import { createClient } from 'redis';
import { redisUrl } from '../support/redis.js';
import { makeMill } from './mill.js';

const describeOnRedis = (process.env.WATERMILL_TEST_REDIS === undefined ? describe.skip : describe) as jest.Describe;

describeOnRedis('counts of emojis', () => {
  it('are set in Redis by a function', async () => {
    const redis = await createClient({ url: redisUrl }).connect();
    const prefix = `counts-${randomUUID()}:`;
    await makeMill(({ emoji, count }) => redis.set(prefix + emoji, count)).run();
    const counts: Record<string, number> = {};
    for (const emoji of '👌🏆📞🐟') counts[emoji] = Number(await redis.get(prefix + emoji));
    redis.destroy();
    expect(counts).toEqual({ '👌': 2, '🏆': 2, '📞': 2, '🐟': 2 });
  });
});
