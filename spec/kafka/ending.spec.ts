import { message, processFunction, WaterMill } from 'watermill';
import { Order, range, Sale } from '../mill/support/model.js';
import { rejection } from '../mill/support/rejection.js';
import { dieWhen } from './support/deaths.js';
import { guarantees, kafkaBroker } from './support/kafka-broker.js';
import { describeOnKafka, uniqueName } from './support/on-kafka.js';
import { TestCluster } from './support/topics.js';

const cluster = new TestCluster();
const orderValues = (all: readonly number[]) => all.map((time) => ({ time, id: `o${time}` }));
const copy = processFunction(Order, { emits: [Sale] }, ({ id, time }) => message(Sale, { id, amount: time }));

interface Ending {
  readonly orders: string;
  readonly sales: string;
  readonly group: string;
  readonly guarantee: 'at-least-once' | 'exactly-once';
}

const mill = ({ orders, sales, ...options }: Ending): WaterMill => {
  const topics = [
    [Order, orders],
    [Sale, sales],
  ] as const;
  return new WaterMill({ process: copy, broker: kafkaBroker(topics, options) });
};

describeOnKafka('the end of a lane over Kafka', () => {
  beforeAll(() => cluster.open());
  afterAll(() => cluster.close());
  afterEach(() => jest.restoreAllMocks());

  const deaths = [
    [
      'before it is said that the lane is over',
      (call: string, given: string) => call === 'commit' && /watermill1o/.test(given),
    ],
    ['before the end mark', (call: string, given: string) => call === 'send' && /end-of-stream/.test(given)],
    [
      'between the end mark and its commit',
      (call: string, given: string) => call === 'commit' && /watermill1e/.test(given),
    ],
  ] as const;

  describe.each(guarantees)('%s', (guarantee) => {
    it('may be that of a silent topic, by `dataTimeoutMs`', async () => {
      const [orders, sales] = [await cluster.topic(), await cluster.topic()];
      await cluster.write(orders, orderValues(range(3)));
      const topics = [
        [Order, orders],
        [Sale, sales],
      ] as const;
      const broker = kafkaBroker(topics, { group: uniqueName('group'), guarantee, dataTimeoutMs: 300 });
      expect(await new WaterMill({ process: copy, broker }).run()).toMatchObject({ ended: 'timeout', calls: 3 });
    });

    it.each(deaths)('has one end mark after a death %s', async (_, when) => {
      const ending = {
        orders: await cluster.topic(),
        sales: await cluster.topic(),
        group: uniqueName('group'),
        guarantee,
      };
      await cluster.write(ending.orders, orderValues(range(50)));
      await cluster.end(ending.orders);
      dieWhen(when);
      expect(await rejection(mill(ending).run())).toMatchObject({ code: 'WM_KAFKA_FAILED' });
      jest.restoreAllMocks();
      await mill(ending).run();
      expect(await mill(ending).run()).toMatchObject({ ended: 'already ended', calls: 0 });
      const records = await cluster.readEnded(ending.sales);
      expect(records.map(({ isEnd }) => isEnd).indexOf(true)).toBe(records.length - 1);
      const amounts = records.slice(0, -1).map(({ value }) => JSON.parse(value as string).amount);
      expect([...new Set(amounts)]).toEqual(range(50));
    });
  });
});
