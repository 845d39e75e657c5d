import { setTimeout as wait } from 'node:timers/promises';
import { field, message, processFunction, WaterMill } from 'watermill';
import { KafkaMessageBroker, type KafkaOptions, type TopicOptions } from 'watermill/kafka';
import { partitionOfKey } from '../../lib/brokers/kafka/results/key-partition.js';
import { Order, range, Sale } from '../mill/support/model.js';
import { rejection } from '../mill/support/rejection.js';
import { dieWhen } from './support/deaths.js';
import { type Guarantee, guarantees } from './support/kafka-broker.js';
import { describeOnKafka, kafkaAddress, quick, uniqueName } from './support/on-kafka.js';
import { type ReadRecord, TestCluster } from './support/topics.js';

const cluster = new TestCluster();
const [lanes, partitions, perLane] = [3, 4, 400];

/** Every lane has results for every key; the amount encodes the lane and the time. */
const sold = processFunction(Order, { emits: [Sale] }, ({ id, time }) =>
  message(Sale, { id: `key ${time % 17}`, amount: Number(id) * perLane + time }),
);

interface Setup {
  readonly orders: string;
  readonly sales: string;
  readonly group: string;
  readonly guarantee: Guarantee;
}

async function setupOf(guarantee: Guarantee): Promise<Setup> {
  const orders = await cluster.topic(lanes);
  // Results have timestamps of 1970, which the broker would soon delete.
  const sales = await cluster.topic(partitions, { 'retention.ms': '-1' });
  for (const lane of range(lanes)) {
    await cluster.write(
      orders,
      range(perLane).map((time) => ({ time, id: String(lane) })),
      lane,
    );
  }
  return { orders, sales, group: uniqueName('group'), guarantee };
}

const mill = ({ orders, sales, group, guarantee }: Setup): WaterMill =>
  new WaterMill({
    process: sold,
    commitEvery: { elements: 100, ms: 200 },
    broker: new KafkaMessageBroker({
      ...quick,
      brokers: [kafkaAddress as string],
      group,
      guarantee,
      topics: [
        [Order, orders],
        [Sale, sales, { key: field(Sale, 'id'), partitionBy: 'key', timestamp: (sale) => 1_000_000 + sale.amount }],
      ],
    }),
  });

const amountOf = ({ value }: ReadRecord): number => JSON.parse(value as string).amount;
const laneOf = (record: ReadRecord): number => Math.floor(amountOf(record) / perLane);

/** Checks the results of each partition, followed by its end mark. */
function check(records: readonly ReadRecord[], guarantee: Guarantee): void {
  for (const partition of range(partitions)) {
    const own = records.filter((record) => record.partition === partition);
    expect(own.map(({ isEnd }) => isEnd).indexOf(true)).toBe(own.length - 1);
    const results = own.slice(0, -1);
    for (const { key } of results) expect(partitionOfKey(key as string, partitions)).toBe(partition);
    for (const lane of range(lanes)) {
      const times = results.filter((record) => laneOf(record) === lane).map((record) => amountOf(record) % perLane);
      const expected = range(perLane).filter((time) => partitionOfKey(`key ${time % 17}`, partitions) === partition);
      expect(guarantee === 'exactly-once' ? times : [...new Set(times)]).toEqual(expected);
    }
  }
}

describeOnKafka('results by their keys', () => {
  beforeAll(() => cluster.open());
  afterAll(() => cluster.close());
  afterEach(() => jest.restoreAllMocks());

  describe.each(guarantees)('%s', (guarantee) => {
    it('are in the partition of their key, each lane in order, with one end mark after all lanes have ended', async () => {
      const setup = await setupOf(guarantee);
      await cluster.end(setup.orders, lanes);
      await Promise.all([mill(setup).run(), mill(setup).run()]);
      expect(await mill(setup).run()).toMatchObject({ calls: 0 });
      const records = await cluster.readEnded(setup.sales, partitions);
      check(records, guarantee);
      const results = records.filter(({ isEnd }) => !isEnd);
      expect(results.map(({ timestamp }) => timestamp)).toEqual(results.map((record) => 1_000_000 + amountOf(record)));
    });

    it('have no end mark until every lane has ended', async () => {
      const setup = await setupOf(guarantee);
      await cluster.end(setup.orders, 2);
      const first = mill(setup);
      const run = first.run();
      while ((await cluster.lanesWritten(setup.group, setup.orders)) < 2) await wait(50);
      while ((await cluster.read(setup.sales)).length < lanes * perLane) await wait(50);
      await first.stop();
      await run;
      expect((await cluster.read(setup.sales)).some(({ isEnd }) => isEnd)).toBe(false);
      await cluster.endPartition(setup.orders, 2);
      await mill(setup).run();
      check(await cluster.readEnded(setup.sales, partitions), guarantee);
    });

    it('are refused from a partition that was added after the end: readers would never reach them', async () => {
      const setup = await setupOf(guarantee);
      await cluster.end(setup.orders, lanes);
      await mill(setup).run();
      await cluster.addPartitions(setup.orders, lanes + 1);
      const error = await rejection(mill(setup).run());
      expect(error).toMatchObject({
        code: 'WM_PARTITION_COUNTS',
        details: { stream: setup.orders, partition: lanes },
      });
      expect(error.message).toContain(`Its results would follow the end marks in ${setup.sales}`);
      check(await cluster.readEnded(setup.sales, partitions), guarantee);
    });

    it('get their end marks from the current owner of lane 0', async () => {
      const setup = await setupOf(guarantee);
      await cluster.end(setup.orders, 2);
      const first = mill(setup);
      const run = first.run();
      while ((await cluster.lanesWritten(setup.group, setup.orders)) < 2) await wait(50);
      const heir = mill(setup).run();
      await first.stop();
      await run;
      await cluster.endPartition(setup.orders, 2);
      await heir;
      check(await cluster.readEnded(setup.sales, partitions), guarantee);
    });

    it.each([
      ['before the first end mark', (call: string, given: string) => call === 'send' && /end-of-stream/.test(given)],
      ['after the last end mark', (call: string, given: string) => call === 'commit' && endsLast(given)],
    ])('have one end mark each after a death %s', async (_, when) => {
      const setup = await setupOf(guarantee);
      await cluster.end(setup.orders, lanes);
      dieWhen(when);
      expect(await rejection(mill(setup).run())).toMatchObject({ code: 'WM_KAFKA_FAILED' });
      jest.restoreAllMocks();
      await mill(setup).run();
      check(await cluster.readEnded(setup.sales, partitions), guarantee);
    });
  });

  it('are refused without a key', () => {
    const topics = [[Sale, 'sales', { partitionBy: 'key' }]] as const;
    expect(() => new KafkaMessageBroker({ brokers: ['nowhere:1'], topics })).toThrow(
      /expected a key, where partitionBy/,
    );
  });

  it('are refused with an invalid timestamp, or one that the topic does not accept', async () => {
    const [orders, sales] = [
      await cluster.topic(),
      await cluster.topic(1, { 'message.timestamp.after.max.ms': '60000' }),
    ];
    await cluster.write(orders, [{ time: 1, id: '1' }]);
    await cluster.end(orders);
    const failed = (timestamp: TopicOptions<Sale>['timestamp'], options: Partial<KafkaOptions> = {}) => {
      const broker = new KafkaMessageBroker({
        ...quick,
        brokers: [kafkaAddress as string],
        group: uniqueName('group'),
        topics: [
          [Order, orders],
          [Sale, sales, { timestamp }],
        ],
        ...(options as object),
      });
      return rejection(new WaterMill({ process: sold, broker }).run());
    };
    expect(await failed(field(Sale, 'id'))).toMatchObject({
      code: 'WM_BAD_RESULT',
      details: { message: 'Sale', found: '"key 1"' },
    });
    expect(await failed(() => Date.now() + 1e9)).toMatchObject({
      code: 'WM_KAFKA_FAILED',
      message: expect.stringContaining('Fix the option timestamp of the entry'),
    });
    expect(await failed(() => 0, { guarantee: 'exactly-once', transactionTimeoutMs: 1e9 })).toMatchObject({
      code: 'WM_KAFKA_FAILED',
      message: expect.stringContaining('Set transactionTimeoutMs'),
    });
  });
});

/** Returns whether this is the commit of lane 0 which records that nothing is left to do. */
const endsLast = (given: string): boolean => /"partition":0/.test(given) && /watermill1e/.test(given);
