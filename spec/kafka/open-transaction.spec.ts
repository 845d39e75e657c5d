import { message, processFunction, WaterMill } from 'watermill';
import { KafkajsCluster, type RawBroker } from '../../lib/brokers/kafka/kafkajs/cluster.js';
import { Order, range, Sale } from '../mill/support/model.js';
import { RecordingLogger } from '../mill/support/recording-logger.js';
import { rejection } from '../mill/support/rejection.js';
import { until } from '../support/virtual-clock.js';
import { guarantees, kafkaBroker } from './support/kafka-broker.js';
import { describeOnKafka, uniqueName } from './support/on-kafka.js';
import { TestCluster } from './support/topics.js';

const cluster = new TestCluster();
const copy = processFunction(Order, { emits: [Sale] }, ({ id, time }) => message(Sale, { id, amount: time }));

/** Begins a transaction with offsets of a group, which stays open. */
async function begun(group: string, topic: string, offset: number): Promise<(isCommitted: boolean) => Promise<void>> {
  const producer = cluster.kafka.producer({ idempotent: true, transactionalId: uniqueName('other') });
  await producer.connect();
  const transaction = await producer.transaction();
  const partitions = [{ partition: 0, offset: String(offset) }];
  await transaction.sendOffsets({ consumerGroupId: group, topics: [{ topic, partitions }] });
  return async (isCommitted) => {
    await (isCommitted ? transaction.commit() : transaction.abort());
    await producer.disconnect();
  };
}

describeOnKafka('a lane whose offsets are in a transaction that is open', () => {
  beforeAll(() => cluster.open());
  afterAll(() => cluster.close());

  it.each(guarantees)('waits for its outcome, %s', async (guarantee) => {
    for (const isCommitted of [true, false]) {
      const [orders, sales] = [await cluster.topic(), await cluster.topic()];
      await cluster.write(
        orders,
        range(10).map((time) => ({ time, id: `o${time}` })),
      );
      await cluster.end(orders);
      const group = uniqueName('group');
      const logger = new RecordingLogger();
      const topics = [
        [Order, orders],
        [Sale, sales],
      ] as const;
      const broker = () => kafkaBroker(topics, { group, guarantee });
      const stopped = new WaterMill({
        broker: broker(),
        process: processFunction(Order, { emits: [Sale] }, ({ id, time }) => {
          if (time === 2) void stopped.stop();
          return message(Sale, { id, amount: time });
        }),
      });
      await stopped.run();
      const end = await begun(group, orders, 5);
      const ended = new WaterMill({ process: copy, broker: broker(), logger }).run();
      ended.catch(() => {});
      const hasWaited = () => logger.lines.some(({ text }) => text.includes(`group ${group} has committed`));
      await until(hasWaited);
      await end(isCommitted);
      // A mill does not continue from offsets of another program.
      if (isCommitted) expect(await rejection(ended)).toMatchObject({ code: 'WM_GROUP_POSITIONS' });
      else expect(await ended).toMatchObject({ calls: 7 });
    }
  });
});

describeOnKafka('a lane with exactly-once that another process opens at the same time', () => {
  // kafkajs fails to connect again at times, with an instance that was closed.
  const cluster = new TestCluster();
  beforeAll(() => cluster.open());
  afterAll(() => cluster.close());
  afterEach(() => jest.restoreAllMocks());

  it.each(['addOffsetsToTxn', 'endTxn'])('is opened again if its %s is refused', async (request) => {
    const [orders, sales, group] = [await cluster.topic(), await cluster.topic(), uniqueName('group')];
    await cluster.write(orders, [{ time: 1, id: 'o' }]);
    await cluster.end(orders);
    const { prototype } = require('kafkajs/src/broker/index.js') as { prototype: any };
    const real = prototype[request];
    jest.spyOn(prototype, request).mockImplementationOnce(async function (this: object, ...given: any[]) {
      const other = cluster.kafka.producer({ idempotent: true, transactionalId: `${group}-0` });
      await other.connect();
      await other.transaction();
      await other.disconnect();
      return real.apply(this, given);
    });
    const topics = [
      [Order, orders],
      [Sale, sales],
    ] as const;
    const broker = kafkaBroker(topics, { group, guarantee: 'exactly-once' });
    expect(await new WaterMill({ process: copy, broker }).run()).toMatchObject({ calls: 1 });
    expect(await cluster.values(sales)).toEqual([{ id: 'o', amount: 1 }]);
  });
});

describeOnKafka('a lane with exactly-once whose group has a new coordinator', () => {
  const cluster = new TestCluster();
  beforeAll(() => cluster.open());
  afterAll(() => cluster.close());
  afterEach(() => jest.restoreAllMocks());

  it('does not take offsets from the former one, which stood still and knows only older ones', async () => {
    const [orders, sales] = [await cluster.topic(), await cluster.topic()];
    await cluster.write(
      orders,
      range(15).map((time) => ({ time, id: `o${time}` })),
    );
    await cluster.end(orders);
    const topics = [
      [Order, orders],
      [Sale, sales],
    ] as const;
    const broker = kafkaBroker(topics, { group: uniqueName('group'), guarantee: 'exactly-once' });
    const runTo = async (last: number): Promise<void> => {
      const mill: WaterMill = new WaterMill({
        broker,
        process: processFunction(Order, { emits: [Sale] }, ({ id, time }) => {
          if (time === last) void mill.stop();
          return message(Sale, { id, amount: time });
        }),
      });
      await mill.run();
    };
    await runTo(4);
    const { group } = (broker as unknown as { settings: { group: string } }).settings;
    const look = async () =>
      (await cluster.committed(group, orders)).map(({ partition, offset, metadata }) => {
        return { topic: orders, partition, offset: Number(offset), metadata, error: 0 };
      });
    let known = await look();
    while (known[0]?.offset !== 5) known = await look();
    await runTo(9);
    // Until it learns that it was replaced, it says that it is the coordinator, and answers.
    const { coordinatorOf } = KafkajsCluster.prototype;
    jest.spyOn(KafkajsCluster.prototype, 'coordinatorOf').mockImplementation(async function (this: KafkajsCluster, id) {
      const { versions } = await coordinatorOf.call(this, id);
      return { versions, connectionPool: { send: async () => known } } as unknown as RawBroker;
    });
    await runTo(99);
    expect((await cluster.values(sales)).map(({ amount }) => amount)).toEqual(range(15));
  });
});
