import { message, processFunction, WaterMill } from 'watermill';
import { Order, range, Sale } from '../mill/support/model.js';
import { cases, firstSeed } from '../support/cases.js';
import { FaultyProxy } from '../support/faulty-proxy.js';
import { Random } from '../support/random.js';
import { type Guarantee, guarantees, kafkaBroker } from './support/kafka-broker.js';
import { describeOnKafka, kafkaAddress, uniqueName } from './support/on-kafka.js';
import { TestCluster } from './support/topics.js';

const cluster = new TestCluster();
const partitions = 2;
const elements = 3_000;
const perCommit = 200;
/** `npm run test:deep -- --cases N --seed S spec/kafka/network` runs more. */
const seeds = range(cases(1), firstSeed());

const copy = processFunction(Order, { emits: [Sale] }, async ({ id, time }) => {
  if (time % 20 === 0) await new Promise((resolve) => setImmediate(resolve));
  return message(Sale, { id, amount: time });
});

/** A mill whose client reaches the broker only through the proxy. */
function millThrough(proxy: FaultyProxy, orders: string, sales: string, group: string, guarantee: Guarantee) {
  const topics = [
    [Order, orders],
    [Sale, sales],
  ] as const;
  const broker = kafkaBroker(topics, {
    group,
    guarantee,
    socketFactory: proxy.socketFactory,
    requestTimeout: 500,
    connectionTimeout: 1_000,
  });
  return new WaterMill({ process: copy, broker, commitEvery: { elements: perCommit } });
}

describeOnKafka('over a bad network', () => {
  beforeAll(() => cluster.open());
  afterAll(() => cluster.close());

  it.each(guarantees.flatMap((guarantee) => seeds.map((seed) => [guarantee, seed] as const)))(
    'connections that are cut, silent and slow lose nothing: %s, seed %i',
    async (guarantee, seed) => {
      const [orders, sales] = [await cluster.topic(partitions), await cluster.topic(partitions)];
      for (const partition of range(partitions)) {
        const values = range(elements).map((time) => ({ time, id: `o${time}` }));
        await cluster.write(orders, values, partition);
      }
      await cluster.end(orders, partitions);
      const [host, port] = (kafkaAddress as string).split(':') as [string, string];
      const rates = { cut: 0.01, silence: 0.005, delay: 0.1 };
      const proxy = await new FaultyProxy({ host, port: Number(port) }, new Random(seed), rates, 12).open();
      try {
        await millThrough(proxy, orders, sales, uniqueName('group'), guarantee).run();
      } finally {
        await proxy.close();
      }
      const records = await cluster.readEnded(sales, partitions);
      for (const partition of range(partitions)) {
        const own = records.filter((record) => record.partition === partition && !record.isEnd);
        const found = own.map(({ value }) => JSON.parse(value as string).amount);
        const firsts = guarantee === 'exactly-once' ? found : [...new Set(found)];
        expect(firsts).toEqual(range(elements));
      }
      console.info(`${guarantee}, seed ${seed}: ${JSON.stringify(proxy.done)}`);
    },
  );
});
