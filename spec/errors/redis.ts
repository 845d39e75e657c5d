import { processFunction, WaterMill } from 'watermill';
import { RedisMessageBroker, redisStream } from 'watermill/redis';
import { systemClock } from '../../lib/base/clock.js';
import { silentLogger } from '../../lib/base/logger.js';
import type { RedisClient } from '../../lib/brokers/redis/client/redis-client.js';
import { openConnection } from '../../lib/brokers/redis/open-connection.js';
import { Item } from '../plan/model.js';
import type { Production } from './produced-code.js';

function runOn(url: string): Promise<unknown> {
  const broker = new RedisMessageBroker({ url, entries: [[Item, redisStream('items')]] });
  return new WaterMill({ process: processFunction(Item, {}, () => undefined), broker }).run();
}

/** Connects to a server on which every key is a hash. */
function connectToHashes(): Promise<unknown> {
  const client: RedisClient = { send: async () => 'hash', sendForBytes: async () => 'hash', close: () => {} };
  const entry = { label: 'items', id: 'items', place: redisStream('items') };
  const retry = { retries: 0, initialRetryTime: 1, maxRetryTime: 1 };
  return openConnection(
    async () => client,
    { group: undefined, exactlyOnce: false, retry, client: {}, longestWaitMs: 1, address: 'nowhere' },
    {
      plan: '0',
      inputs: [{ message: Item, entry }],
      outputs: [],
      signal: new AbortController().signal,
      logger: silentLogger,
      clock: systemClock,
    },
    () => undefined,
  );
}

/** Imports the broker when the client library is not installed. */
function withoutRedis(): void {
  jest.isolateModules(() => {
    jest.doMock('redis', () => {
      throw new Error("Cannot find module 'redis'");
    });
    require('../../lib/brokers/redis/index.js');
  });
}

/** Errors of the Redis broker, without a server. */
export const redis: readonly Production[] = [
  ['WM_REDIS_MISSING', withoutRedis],
  ['WM_REDIS_FAILED', () => runOn('redis://127.0.0.1:1')],
  ['WM_REDIS_TYPE', connectToHashes],
];
