import 'reflect-metadata';
import { onRedis } from '../support/redis.js';
import { runAndShow } from '../support/run-and-show.js';
import { makeMill } from './mill.js';

async function main(): Promise<void> {
  const key = 'example:device';
  const entries = [1, 2, 3].map((value) => ['XADD', key, `${value}-0`, 'sensor', 'attic', 'value', `${value}`]);
  await onRedis(['DEL', key], ...entries, ['XADD', key, '4-0', 'watermill', 'end-of-stream']);
  const mill = makeMill({ key, start: 'beginning', file: 'out/readings.ndjson' });
  await runAndShow('Entries of a stream of Redis, with their ids.', mill, 'out/readings.ndjson');
}

void main();
