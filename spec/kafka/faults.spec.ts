import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import {
  BadMessage,
  field,
  joinStreams,
  joinWith,
  type MessageClass,
  message,
  processFunction,
  WaterMill,
} from 'watermill';
import type { KafkaOptions } from 'watermill/kafka';
import { Next, Order, range, Sale } from '../mill/support/model.js';
import { RecordingLogger } from '../mill/support/recording-logger.js';
import { rejection } from '../mill/support/rejection.js';
import { dieWhen } from './support/deaths.js';
import { guarantees, kafkaBroker } from './support/kafka-broker.js';
import { describeOnKafka, uniqueName } from './support/on-kafka.js';
import { TestCluster } from './support/topics.js';

const cluster = new TestCluster();
const orderValues = (all: readonly number[]) => all.map((time) => ({ time, id: `o${time}` }));
const textsOf = (headers: object = {}) => Object.fromEntries(Object.entries(headers).map(([k, v]) => [k, String(v)]));
const copy = processFunction(Order, { emits: [Sale] }, ({ id, time }) => message(Sale, { id, amount: time }));

describeOnKafka('over Kafka', () => {
  beforeAll(() => cluster.open());
  afterAll(() => cluster.close());

  interface MadeMill {
    readonly orders: string;
    readonly sales: string;
    readonly group?: string;
    readonly options?: Partial<KafkaOptions>;
    readonly inputs?: any;
    readonly logger?: RecordingLogger;
    readonly more?: readonly (readonly [MessageClass<any>, string])[];
  }

  function mill(made: MadeMill): WaterMill<any> {
    const { orders, sales, group = uniqueName('group'), options, inputs, logger, more = [] } = made;
    const broker = kafkaBroker([[Order, orders], [Sale, sales], ...more], { group, ...options } as any);
    return new WaterMill({ process: copy, broker, inputs, logger });
  }

  it('refuses topics that do not exist, and creates them if allowed', async () => {
    const orders = await cluster.topic(3);
    const sales = uniqueName('topic');
    await cluster.end(orders, 3);
    expect(await rejection(mill({ orders, sales }).run())).toMatchObject({
      code: 'WM_TOPIC_MISSING',
      details: { stream: sales },
    });
    await mill({ orders, sales, options: { createTopics: true } }).run();
    expect((await cluster.readEnded(sales, 3)).map(({ partition, isEnd }) => [partition, isEnd])).toEqual([
      [0, true],
      [1, true],
      [2, true],
    ]);
  });

  it('refuses topics with different numbers of partitions', async () => {
    const [orders, sales] = [await cluster.topic(2), await cluster.topic(3)];
    expect(await rejection(mill({ orders, sales }).run())).toMatchObject({
      code: 'WM_PARTITION_COUNTS',
      details: { found: `${orders} 2, ${sales} 3` },
    });
  });

  it('names topic, partition and offset of a bad message, and commits everything before it', async () => {
    const [orders, sales] = [await cluster.topic(2), await cluster.topic(2)];
    await cluster.write(orders, [...orderValues([1, 2]), '{"time":', ...orderValues([4])], 1);
    await cluster.end(orders, 2);
    const group = uniqueName('group');
    const error = await rejection(mill({ orders, sales, group }).run());
    expect(error).toMatchObject({ code: 'WM_BAD_MESSAGE', details: { stream: orders, position: 2, lane: '1' } });
    expect((error as Error).message).toContain('This was in partition 1.');
    await mill({ orders, sales, group, inputs: [[Order, { onBadMessage: 'skip' }]] }).run();
    expect((await cluster.values(sales, 2)).map(({ amount }) => amount)).toEqual([1, 2, 4]);
  });

  it('writes dead letters with the original text, and skips tombstones if configured', async () => {
    const [orders, sales, letters] = [await cluster.topic(2), await cluster.topic(2), await cluster.topic(2)];
    const [noText, noOrder] = [Buffer.from([0x7b, 0xff, 0x00]), '{ "time": "noon",\n"id": "o5" }'];
    await cluster.write(orders, [...orderValues([1]), 'no json', null, ...orderValues([4]), noText, noOrder], 1);
    await cluster.end(orders, 2);
    const inputs = [[Order, { onBadMessage: { deadLetter: BadMessage } }]];
    const more = [[BadMessage, letters]] as const;
    await mill({ orders, sales, inputs, more, options: { emptyValues: 'skip' } }).run();
    expect((await cluster.values(sales, 2)).map(({ amount }) => amount)).toEqual([1, 4]);
    const records = (await cluster.readEnded(letters, 2)).filter(({ isEnd }) => !isEnd);
    expect(records.map(({ value }) => JSON.parse(value as string))).toEqual([
      { stream: orders, position: 1, raw: 'no json', error: expect.stringContaining('it is not JSON') },
      { stream: orders, position: 4, raw: 'base64:e/8A', error: expect.stringContaining('it is not UTF-8') },
      { stream: orders, position: 5, raw: noOrder, error: expect.stringContaining('field time must be') },
    ]);
    expect(records.map(({ partition }) => partition)).toEqual([1, 1, 1]);
    expect(records.map(({ headers }) => headers['watermill-raw'])).toEqual([
      Buffer.from('no json'),
      noText,
      Buffer.from(noOrder),
    ]);
    expect(records.map(({ headers }) => String(headers['watermill-offset']))).toEqual(['1', '4', '5']);
    expect(textsOf(records[2]?.headers)).toMatchObject({
      'watermill-stream': orders,
      'watermill-partition': '1',
      'watermill-timestamp': expect.stringMatching(/^\d+$/),
      'watermill-error': expect.stringContaining('field time must be'),
    });
  });

  it('writes dead letters of calls that failed, with the element in a header', async () => {
    const [orders, letters] = [await cluster.topic(), await cluster.topic()];
    await cluster.write(orders, orderValues([1, 2, 3]));
    await cluster.end(orders);
    const fail = processFunction(Order, { emits: [], onError: { deadLetter: BadMessage } }, ({ time }) => {
      if (time === 2) throw new Error('no stock');
    });
    const topics = [
      [Order, orders],
      [BadMessage, letters],
    ] as const;
    await new WaterMill({ process: fail, broker: kafkaBroker(topics) }).run();
    const [letter] = await cluster.readEnded(letters);
    expect(textsOf(letter?.headers)).toEqual({
      'watermill-stream': orders,
      'watermill-partition': '0',
      'watermill-offset': '1',
      'watermill-error': 'no stock',
      'watermill-timestamp': expect.stringMatching(/^\d+$/),
      'watermill-raw': '{"time":2,"id":"o2"}',
    });
  });

  it('treats a tombstone as a bad message by default', async () => {
    const [orders, sales] = [await cluster.topic(), await cluster.topic()];
    await cluster.write(orders, [null]);
    expect(await rejection(mill({ orders, sales }).run())).toMatchObject({ code: 'WM_BAD_MESSAGE' });
  });

  it('refuses positions that it did not write', async () => {
    const [orders, sales, group] = [await cluster.topic(), await cluster.topic(), uniqueName('group')];
    await cluster.write(orders, orderValues(range(10)));
    await cluster.setOffset(group, orders, 5);
    expect(await rejection(mill({ orders, sales, group }).run())).toMatchObject({ code: 'WM_GROUP_POSITIONS' });
  });

  it('reports records that were deleted before they were read, or skips them if configured', async () => {
    const [orders, sales, group] = [await cluster.topic(), await cluster.topic(), uniqueName('group')];
    await cluster.write(orders, orderValues(range(10)));
    const broker = kafkaBroker(
      [
        [Order, orders],
        [Sale, sales],
      ],
      { group },
    );
    const stopping: WaterMill = new WaterMill({
      process: processFunction(Order, { emits: [Sale] }, ({ id, time }) => {
        if (time === 4) void stopping.stop();
        return message(Sale, { id, amount: time });
      }),
      broker,
    });
    await stopping.run();
    await cluster.deleteBefore(orders, 8);
    await cluster.end(orders);
    const error = await rejection(mill({ orders, sales, group }).run());
    expect(error).toMatchObject({ code: 'WM_POSITION_LOST', details: { stream: orders, partition: 0, position: 5 } });
    expect((error as Error).message).toContain('5 to 7');
    const logger = new RecordingLogger();
    await mill({ orders, sales, group, logger, options: { onLostPositions: 'earliest' } }).run();
    expect((await cluster.values(sales)).map(({ amount }) => amount)).toEqual([0, 1, 2, 3, 4, 8, 9]);
    expect(logger.lines).toContainEqual({
      level: 'warn',
      fields: { topic: orders, partition: 0, offset: 5, continuedAt: 8 },
      text: expect.stringContaining('The records 5 to 7'),
    });
  });

  it.each(['fail', 'earliest'] as const)(
    'reports records that are deleted while it is behind, or skips them if configured: %s',
    async (onLostPositions) => {
      const [orders, sales, group] = [await cluster.topic(), await cluster.topic(), uniqueName('group')];
      for (const first of range(20)) await cluster.write(orders, orderValues(range(10, first * 10)));
      await cluster.end(orders);
      const broker = kafkaBroker(
        [
          [Order, orders],
          [Sale, sales],
        ],
        { group, onLostPositions, maxBytesPerPartition: 300 },
      );
      const deleting = processFunction(Order, { emits: [Sale] }, async ({ id, time }) => {
        if (time === 5) await cluster.deleteBefore(orders, 190);
        return message(Sale, { id, amount: time });
      });
      const run = new WaterMill({ process: deleting, broker }).run();
      if (onLostPositions === 'fail') expect(await rejection(run)).toMatchObject({ code: 'WM_POSITION_LOST' });
      else expect(await run).toMatchObject({ ended: 'master ended' });
      const records = (await cluster.read(sales)).filter(({ isEnd }) => !isEnd);
      const amounts = records.map(({ value }) => JSON.parse(value as string).amount);
      const kept = onLostPositions === 'fail' ? [] : range(10, 190);
      const next = amounts.length - kept.length;
      expect(next).toBeGreaterThanOrEqual(10);
      expect(amounts).toEqual([...range(next), ...kept]);
      const offset = onLostPositions === 'fail' ? next : 200;
      expect(await cluster.committed(group, orders)).toMatchObject([{ offset: String(offset) }]);
    },
  );

  it('loses nothing if records that it does not read are deleted, and counts them as read', async () => {
    const [orders, sales, group] = [await cluster.topic(), await cluster.topic(), uniqueName('group')];
    await cluster.writeInTransaction(orders, orderValues([1, 2]));
    await cluster.writeInTransaction(orders, orderValues([3]), false);
    await cluster.write(orders, [null]);
    const options = { emptyValues: 'skip' } as const;
    const stopping = mill({ orders, sales, group, options });
    const stopped = stopping.run();
    await untilItWaits(stopping, 2);
    await stopping.stop();
    await stopped;
    // Two orders and a marker, an aborted order and a marker, and a tombstone.
    expect(await cluster.committed(group, orders)).toMatchObject([{ offset: '6' }]);
    await cluster.deleteBefore(orders, 6);
    await cluster.write(orders, orderValues([4]));
    await cluster.end(orders);
    expect(await mill({ orders, sales, group, options }).run()).toMatchObject({ calls: 1 });
    // A restart must find the end mark.
    expect(await cluster.committed(group, orders)).toMatchObject([{ offset: '7' }]);
  });

  /** Resolves when a lane of the mill waits for more elements, after this many calls. */
  async function untilItWaits(running: WaterMill<any>, calls = 0): Promise<void> {
    const isWaiting = () => running.progress()?.waiting.length === 1 && running.progress()?.calls === calls;
    while (!isWaiting()) await new Promise((resolve) => setTimeout(resolve, 10));
  }

  it.each([
    ['latest', () => 'latest' as const, [10]],
    ['a position', (orders: string) => ({ [orders]: { 0: 7 } }), [7, 8, 9, 10]],
    ['a time that is long past', () => new Date(0), range(11)],
  ])('begins at %s', async (_, startFrom, expected) => {
    const [orders, sales] = [await cluster.topic(), await cluster.topic()];
    await cluster.write(orders, orderValues(range(10)));
    const beginning = mill({ orders, sales, options: { startFrom: startFrom(orders) } });
    const ended = beginning.run();
    await untilItWaits(beginning, expected.length - 1);
    await cluster.write(orders, orderValues([10]));
    await cluster.end(orders);
    await ended;
    expect((await cluster.values(sales)).map(({ amount }) => amount)).toEqual(expected);
  });

  it.each(guarantees)('begins at the same place again after it died before its first result: %s', async (guarantee) => {
    for (const startFrom of ['latest' as const, new Date(Date.now() + 60_000)]) {
      const [orders, sales] = [await cluster.topic(), await cluster.topic()];
      await cluster.write(orders, orderValues(range(10)));
      const group = uniqueName('group');
      const options = { startFrom, guarantee };
      const dying = mill({ orders, sales, group, options });
      const ended = rejection(dying.run());
      await untilItWaits(dying);
      while ((await cluster.committed(group, orders))[0]?.offset !== '10') await wait(10);
      dieWhen(() => true);
      await cluster.write(orders, orderValues([10]));
      await ended;
      jest.restoreAllMocks();
      await cluster.write(orders, orderValues([11]));
      await cluster.end(orders);
      await mill({ orders, sales, group, options }).run();
      expect((await cluster.values(sales)).map(({ amount }) => amount)).toEqual([10, 11]);
    }
  });

  it('is healthy while it waits behind a transaction marker, which is not a record, and before an open transaction', async () => {
    const [orders, sales] = [await cluster.topic(), await cluster.topic()];
    await cluster.writeInTransaction(orders, orderValues([1, 2]));
    const waiting = mill({ orders, sales });
    const ended = waiting.run();
    await untilItWaits(waiting, 2);
    expect(waiting.health({ stuckAfterMs: 0 })).toMatchObject({ healthy: true });
    // Records after this one cannot be read until the transaction has ended.
    const commit = await cluster.writeInOpenTransaction(orders, orderValues([4]));
    await cluster.write(orders, orderValues([5]));
    const again = mill({ orders, sales, options: { startFrom: { [orders]: { 0: 0 } } } });
    const endedAgain = again.run();
    await untilItWaits(again, 2);
    expect(again.health({ stuckAfterMs: 0 })).toMatchObject({ healthy: true });
    await commit(true);
    await cluster.end(orders);
    expect(await Promise.all([ended, endedAgain])).toMatchObject([{ calls: 4 }, { calls: 4 }]);
  });

  it.each(guarantees)(
    'refuses keys too long for a commit before it writes what it would cover: %s',
    async (guarantee) => {
      const [orders, sales] = [await cluster.topic(), await cluster.topic()];
      const values = range(20).map((time) => ({ time, id: `a${String.fromCharCode(97 + time)}` }));
      await cluster.write(orders, [...values, { time: 20, id: `b${randomBytes(5_000).toString('hex')}` }]);
      await cluster.end(orders);
      const tree = joinStreams(Order, joinWith(Next, { left: field(Order, 'id'), right: field(Next, 'id') }));
      const process = processFunction(tree, { emits: [Sale] }, ({ time }) => message(Sale, { id: 'x', amount: time }));
      const topics = [
        [Order, orders],
        [Next, orders],
        [Sale, sales],
      ] as const;
      const group = uniqueName('group');
      const broker = kafkaBroker(topics, { group, guarantee });
      const error = await rejection(new WaterMill({ process, broker, commitEvery: { elements: 10 } }).run());
      expect(error).toMatchObject({ code: 'WM_COMMIT_TOO_LARGE', details: { expected: 'at most 4096 bytes' } });
      const amounts = (await cluster.read(sales)).map(({ value }) => JSON.parse(value as string).amount);
      expect(amounts).toEqual(range(amounts.length));
      const [committed] = await cluster.committed(group, orders);
      // The joined element of the last result is still held.
      expect(Number(committed?.offset)).toBe(amounts.length - 1);
      expect(amounts.length).toBeGreaterThanOrEqual(10);
    },
  );

  it('does not move positions past a result that is too large for its topic', async () => {
    const [orders, sales] = [await cluster.topic(), await cluster.topic(1, { 'max.message.bytes': '2000' })];
    const group = uniqueName('group');
    await cluster.write(orders, [{ time: 1, id: 'x'.repeat(5_000) }]);
    await cluster.end(orders);
    const error = await rejection(mill({ orders, sales, group, options: { guarantee: 'exactly-once' } }).run());
    expect(error).toMatchObject({ code: 'WM_BAD_RESULT', details: { message: 'Sale', stream: orders, position: 0 } });
    expect((await cluster.committed(group, orders)).map(({ offset }) => offset)).toEqual(['0']);
  });

  it.each(guarantees)(
    'goes on with other partitions, if it is told so, where one has too large a result: %s',
    async (guarantee) => {
      const [orders, sales] = [await cluster.topic(3), await cluster.topic(3, { 'max.message.bytes': '2000' })];
      const group = uniqueName('group');
      const large = [{ time: 3, id: 'x'.repeat(5_000) }];
      for (const partition of range(3)) {
        await cluster.write(orders, orderValues(range(3)), partition);
        await cluster.write(orders, partition === 1 ? large : orderValues([3]), partition);
        await cluster.write(orders, orderValues(range(50, 4)), partition);
      }
      await cluster.end(orders, 3);
      const topics = [
        [Order, orders],
        [Sale, sales],
      ] as const;
      const going = () =>
        new WaterMill({
          process: copy,
          broker: kafkaBroker(topics, { group, guarantee }),
          commitEvery: { elements: 1 },
          onLaneFailure: 'goOn',
        });
      for (const _ of ['first', 'again']) {
        const error = await rejection(going().run());
        expect(error).toMatchObject({ code: 'WM_BAD_RESULT', details: { message: 'Sale', position: 3, lane: '1' } });
        const offsets = (await cluster.committed(group, orders)).map(({ partition, offset }) => [partition, offset]);
        expect(Object.fromEntries(offsets)).toMatchObject({ 1: '3' });
        const records = await cluster.readEnded(sales, 2);
        for (const partition of [0, 2]) {
          const found = records.filter((record) => record.partition === partition);
          expect(found.map(({ value, isEnd }) => isEnd || JSON.parse(value as string).amount)).toEqual([
            ...range(54),
            true,
          ]);
        }
        expect(records.filter((record) => record.partition === 1)).toHaveLength(3);
      }
    },
  );

  it('keeps passwords out of its errors', async () => {
    const sasl = { mechanism: 'plain', username: 'user', password: 'do-not-tell' };
    const options = { sasl, brokers: ['127.0.0.1:1'], retry: { retries: 1 }, connectionTimeout: 200 };
    const error = await rejection(mill({ orders: 'a', sales: 'b', options }).run());
    expect(error).toMatchObject({ code: 'WM_KAFKA_FAILED' });
    expect(JSON.stringify([error, (error as Error).message, (error as Error).stack])).not.toContain('do-not-tell');
  });
});
