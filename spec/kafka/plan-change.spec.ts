import { setTimeout as wait } from 'node:timers/promises';
import { field, joinStreams, joinWith, message, processFunction, WaterMill, window } from 'watermill';
import { Next, Order, Price, range, Sale } from '../mill/support/model.js';
import { rejection } from '../mill/support/rejection.js';
import { guarantees, kafkaBroker } from './support/kafka-broker.js';
import { describeOnKafka, uniqueName } from './support/on-kafka.js';
import { TestCluster } from './support/topics.js';

const cluster = new TestCluster();
const partitions = 2;

const copy = (stopAt?: number, mill?: () => WaterMill) =>
  processFunction(Order, { emits: [Sale] }, ({ id, time }) => {
    if (time === stopAt) void mill?.().stop();
    return message(Sale, { id, amount: time });
  });
const pairs = processFunction(
  joinStreams(Order, joinWith(Next, { left: field(Order, 'time').plus(1), right: field(Next, 'time') })),
  { emits: [Sale] },
  ({ time }) => message(Sale, { id: 'pair', amount: time }),
);
const prices = processFunction(window(Price, field(Price, 'time')), { emits: [Sale] }, ([price]) =>
  message(Sale, { id: 'price', amount: price!.time }),
);

describeOnKafka('a mill in the group of another one', () => {
  const cluster = new TestCluster();
  beforeAll(() => cluster.open());
  afterAll(() => cluster.close());

  it('is refused if it has another plan or reads other topics, also in part, and the other one continues with all lanes', async () => {
    const [orders, priced, sales] = [
      await cluster.topic(partitions),
      await cluster.topic(partitions),
      await cluster.topic(partitions),
    ];
    const group = uniqueName('group');
    const topics = [
      [Order, orders],
      [Next, orders],
      [Price, priced],
      [Sale, sales],
    ] as const;
    const millOf = (process: object) => new WaterMill({ process, broker: kafkaBroker(topics, { group }) });
    const running = millOf(copy());
    const ended = running.run();
    while (running.progress().waiting.length < partitions) await wait(10);
    const both = processFunction(
      joinStreams(Order, joinWith(Price, { left: field(Order, 'time'), right: field(Price, 'time') })),
      { emits: [Sale] },
      () => {},
    );
    for (const [other, names] of [
      [prices, priced],
      [both, `${orders}, ${priced}`],
      [pairs, orders],
    ] as const) {
      const error = await rejection(millOf(other).run());
      expect(error.code).toBe('WM_GROUP_IN_USE');
      expect(error.message).toBe(
        `The group ${group} has a running mill with another plan or other topics than this one, which reads ${names}: the processes of a group share the lanes of one mill. Stop that mill, or give this one its own group.`,
      );
    }
    for (const partition of range(partitions)) {
      await cluster.write(orders, [{ time: partition, id: 'order' }], partition);
    }
    await cluster.end(orders, partitions);
    await ended;
    expect((await cluster.values(sales, partitions)).map(({ amount }) => amount).sort()).toEqual(range(partitions));
  });
});

describeOnKafka('a changed plan over Kafka', () => {
  beforeAll(() => cluster.open());
  afterAll(() => cluster.close());

  describe.each(guarantees)('%s', (guarantee) => {
    const topicsOf = async () => {
      const [orders, priced] = [await cluster.topic(partitions), await cluster.topic(partitions)];
      for (const partition of range(partitions)) {
        await cluster.write(
          orders,
          range(50).map((time) => ({ time, id: 'order' })),
          partition,
        );
        await cluster.write(
          priced,
          range(30).map((time) => ({ time, amount: time })),
          partition,
        );
      }
      await cluster.end(orders, partitions);
      await cluster.end(priced, partitions);
      return { orders, priced, group: uniqueName('group') };
    };
    type Topics = Awaited<ReturnType<typeof topicsOf>>;

    const run = async ({ orders, priced, group }: Topics, process: object, onPlanChange?: 'restart') => {
      const sales = await cluster.topic(partitions);
      const broker = kafkaBroker(
        [
          [Order, orders],
          [Next, orders],
          [Price, priced],
          [Sale, sales],
        ],
        { group, guarantee },
      );
      const report = await new WaterMill({ process, broker, ...(onPlanChange && { onPlanChange }) }).run();
      return { report, amounts: (await cluster.values(sales, partitions)).map(({ amount }) => amount) };
    };
    const inEachPartition = (count: number): number[] => range(partitions).flatMap(() => range(count));

    it.each([
      ['on the same topic', pairs, 49],
      ['on another topic', prices, 30],
    ])('is refused, or starts over if allowed: %s', async (_, process, count) => {
      const topics = await topicsOf();
      expect((await run(topics, copy())).amounts).toEqual(inEachPartition(50));
      expect(await rejection(run(topics, process))).toMatchObject({ code: 'WM_PLAN_CHANGED' });
      expect((await run(topics, process, 'restart')).amounts).toEqual(inEachPartition(count));
      // And back: the leftovers of the first plan are not used.
      expect(await rejection(run(topics, copy()))).toMatchObject({ code: 'WM_PLAN_CHANGED' });
      expect((await run(topics, copy(), 'restart')).amounts).toEqual(inEachPartition(50));
    });
  });
});
