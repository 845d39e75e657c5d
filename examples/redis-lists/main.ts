import 'reflect-metadata';
import { onRedis } from '../support/redis.js';
import { runAndShow } from '../support/run-and-show.js';
import { makeMill } from './mill.js';

async function main(): Promise<void> {
  const texts = [1, 2, 3].map((value) => JSON.stringify({ sensor: 'attic', value }));
  const key = 'example:readings';
  const forgotten = [`watermill:readings of ${key}`, `watermill:readings of ${key}:taken:${key}`];
  await onRedis(['DEL', key, ...forgotten], ['RPUSH', key, ...texts, '{"watermill":"end-of-stream"}']);
  const mill = makeMill({ keys: key, file: 'out/readings.ndjson' });
  await runAndShow('Readings from a list of Redis, saved to a file.', mill, 'out/readings.ndjson');
}

void main();
