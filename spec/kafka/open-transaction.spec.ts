import { message, processFunction, WaterMill } from 'watermill';
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
