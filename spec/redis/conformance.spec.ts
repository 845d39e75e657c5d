import { brokerConformance, type ConformanceHarness } from 'watermill/conformance';
import { RedisMessageBroker, redisGroup, redisList, redisStream } from 'watermill/redis';
import { describeOnRedis, redisUrl, uniqueName } from './support/on-redis.js';
import { TestServer } from './support/test-server.js';

type Guarantee = 'at-least-once' | 'exactly-once';

const server = new TestServer();

const places = {
  stream: (key: string) => redisStream(key),
  list: (key: string) => redisList(key),
  group: (key: string) => redisGroup(key, { consumer: 'one', count: 20 }),
};

async function fill(kind: keyof typeof places, key: string, values: readonly object[]): Promise<void> {
  if (kind === 'list') {
    const texts = values.map((value) => JSON.stringify(value));
    await server.send('RPUSH', key, ...texts, '{"watermill":"end-of-stream"}');
  } else {
    await server.add(key, values);
    await server.end(key);
  }
}

function harnessOf(guarantee: Guarantee, kind: keyof typeof places): ConformanceHarness {
  return {
    takesOnce: kind !== 'stream',
    async make(streams, outputs) {
      const keys = new Map<unknown, string>();
      for (const { values } of streams) {
        if (keys.has(values)) continue;
        const key = uniqueName('stream');
        keys.set(values, key);
        await fill(kind, key, values);
      }
      for (const message of outputs) keys.set(message, uniqueName('results'));
      const group = uniqueName('group');
      const open = () =>
        new RedisMessageBroker({
          url: redisUrl as string,
          group,
          guarantee,
          entries: [
            ...streams.map(({ message, values }) => [message, places[kind](keys.get(values) as string)] as const),
            ...outputs.map((message) => [message, redisStream(keys.get(message) as string)] as const),
          ],
        });
      return {
        broker: open(),
        restart: open,
        written: (message) => server.values(keys.get(message) as string),
        ended: async (message) => (await server.ends(keys.get(message) as string)) === 1,
      };
    },
  };
}

/** A guarantee that a broker cannot give if it writes results before positions. */
const onlyExactlyOnce = /results after the last commit are undone/;

describeOnRedis('the Redis broker keeps the protocol', () => {
  beforeAll(() => server.open());
  afterAll(() => server.close());

  describe.each<[Guarantee, keyof typeof places]>([
    ['exactly-once', 'stream'],
    ['at-least-once', 'stream'],
    ['exactly-once', 'list'],
    ['exactly-once', 'group'],
  ])('%s, %s:', (guarantee, kind) => {
    for (const { name, run } of brokerConformance(harnessOf(guarantee, kind))) {
      if (guarantee === 'exactly-once' || !onlyExactlyOnce.test(name)) test(name, run);
    }
  });
});
