import 'reflect-metadata';
import { createClient } from 'redis';
import { redisUrl } from '../support/redis.js';
import { runAndShow } from '../support/run-and-show.js';
import { makeMill } from './mill.js';

async function main(): Promise<void> {
  const redis = await createClient({ url: redisUrl }).connect();
  await runAndShow(
    'Counts of emojis, in keys of Redis.',
    makeMill(({ emoji, count }) => redis.set(`example:${emoji}`, count)),
  );
  for (const emoji of '👌🏆📞🐟') console.log(emoji, await redis.get(`example:${emoji}`));
  redis.destroy();
}

void main();
