import { brokerConformance, type ConformanceHarness } from 'watermill/conformance';
import { RedisMessageBroker, redisStream } from 'watermill/redis';
import { describeOnRedis, redisUrl, uniqueName } from './support/on-redis.js';
import { TestServer } from './support/test-server.js';

type Guarantee = 'at-least-once' | 'exactly-once';

const server = new TestServer();

function harnessOf(guarantee: Guarantee): ConformanceHarness {
  return {
    async make(streams, outputs) {
      const keys = new Map<unknown, string>();
      for (const { values } of streams) {
        if (keys.has(values)) continue;
        const key = uniqueName('stream');
        keys.set(values, key);
        await server.add(key, values);
        await server.end(key);
      }
      for (const message of outputs) keys.set(message, uniqueName('results'));
      const group = uniqueName('group');
      const open = () =>
        new RedisMessageBroker({
          url: redisUrl as string,
          group,
          guarantee,
          entries: [
            ...streams.map(({ message, values }) => [message, redisStream(keys.get(values) as string)] as const),
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

/** What a broker cannot promise that writes results before positions. */
const onlyExactlyOnce = /results after the last commit are taken back/;

describeOnRedis('the Redis broker keeps the protocol', () => {
  beforeAll(() => server.open());
  afterAll(() => server.close());

  describe.each<Guarantee>(['exactly-once', 'at-least-once'])('%s:', (guarantee) => {
    for (const { name, run } of brokerConformance(harnessOf(guarantee))) {
      if (guarantee === 'exactly-once' || !onlyExactlyOnce.test(name)) test(name, run);
    }
  });
});
