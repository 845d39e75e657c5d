import { batchWindow, JsonFileMessageBroker, message, processFunction, WaterMill } from 'watermill';
import { type RedisListOptions, RedisMessageBroker, redisList } from 'watermill/redis';
import { redisUrl } from '../support/redis.js';
import { Reading, SavedReading } from './messages.js';

export interface Lists {
  readonly keys: string | readonly string[];
  readonly file: string;
  readonly options?: RedisListOptions;
}

/**
 * Takes elements from a list, and writes them to a file: up to a thousand at a time, or those of the last 3 seconds.
 */
const save = processFunction(
  batchWindow(Reading, { size: 1_000, timeoutMs: 3_000 }),
  { emits: [SavedReading] },
  (readings) => readings.map(({ sensor, value }) => message(SavedReading, { sensor, value })),
);

export function makeMill({ keys, file, options }: Lists): WaterMill {
  const redis = new RedisMessageBroker({
    url: redisUrl,
    group: `readings of ${[keys].flat().join(', ')}`,
    entries: [[Reading, redisList(keys, options)]],
    // With the file, which is truncated to the last commit, nothing is lost or doubled.
    guarantee: 'exactly-once',
  });
  return new WaterMill({ process: save, broker: [redis, new JsonFileMessageBroker([[SavedReading, file]])] });
}
