import { BadMessage, field, joinStreams, joinWith, message, Origin, processFunction, WaterMill } from 'watermill';
import { type RedisGroupOptions, RedisMessageBroker, redisGroup, redisStream } from 'watermill/redis';
import { aliveKey, GroupConsumer } from '../../lib/brokers/redis/reading/group-consumer.js';
import { Order, Price, range, Sale, sell } from '../mill/support/model.js';
import { RecordingLogger } from '../mill/support/recording-logger.js';
import { rejection } from '../mill/support/rejection.js';
import { refusal } from '../support/refusal.js';
import { describeOnRedis, redisUrl, uniqueName } from './support/on-redis.js';
import { TestServer } from './support/test-server.js';
import { until } from './support/waits.js';

const server = new TestServer();
const url = redisUrl as string;
const guarantees = ['at-least-once', 'exactly-once'] as const;
const orderValues = (count: number, from = 0) => range(count, from).map((i) => ({ time: 0, id: `o${i}` }));
const copy = processFunction(Order, { emits: [Sale] }, ({ id, time }) => message(Sale, { id, amount: time }));

function names() {
  return { orders: uniqueName('orders'), sales: uniqueName('sales'), group: uniqueName('g') };
}

interface Setup extends Partial<RedisGroupOptions> {
  readonly orders: string | readonly string[];
  readonly sales: string;
  readonly group: string;
  readonly guarantee?: (typeof guarantees)[number];
}

function brokerOf({ orders, sales, group, guarantee = 'exactly-once', consumer = 'one', ...options }: Setup) {
  return new RedisMessageBroker({
    url,
    group,
    guarantee,
    entries: [
      [Order, redisGroup(orders, { consumer, ...options })],
      [Sale, redisStream(sales)],
    ],
  });
}

const idsIn = async (stream: string) => (await server.values(stream)).map(({ id }) => id);
const inOrder = (ids: readonly string[]) => [...ids].sort((a, b) => Number(a.slice(1)) - Number(b.slice(1)));
const pendingOf = async (orders: string, group: string) => (await server.send('XPENDING', orders, group))[0];
const consumersOf = async (orders: string, group: string): Promise<string[]> =>
  (await server.send('XINFO', 'CONSUMERS', orders, group)).map((words: unknown[]) => words[1]);

/** Leaves the state of a process that was killed after it took some messages: nothing is closed or acknowledged. */
async function abandon(orders: string, group: string, consumer: string, count: number): Promise<void> {
  await server.send('XGROUP', 'CREATE', orders, group, '0', 'MKSTREAM').catch(() => {});
  await server.send('XREADGROUP', 'GROUP', group, consumer, 'COUNT', `${count}`, 'STREAMS', orders, '>');
}

describeOnRedis('a mill over a consumer group of Redis', () => {
  beforeAll(() => server.open());
  afterAll(() => server.close());

  describe.each(guarantees)('%s', (guarantee) => {
    it('acknowledges processed messages; its results end once when the stream has ended', async () => {
      const { orders, sales, group } = names();
      await server.add(orders, orderValues(350));
      await server.end(orders);
      await new WaterMill({ process: copy, broker: brokerOf({ orders, sales, group, guarantee }) }).run();
      expect(await idsIn(sales)).toEqual(orderValues(350).map(({ id }) => id));
      expect(await server.ends(sales)).toBe(1);
      expect(await pendingOf(orders, group)).toBe(0);
      expect(await consumersOf(orders, group)).toEqual([]);
    });

    it('distributes messages among consumers, and ends each when none are pending', async () => {
      const { orders, sales, group } = names();
      await server.add(orders, orderValues(500));
      const slow = processFunction(Order, { emits: [Sale] }, async ({ id, time }) => {
        await new Promise(setImmediate);
        return message(Sale, { id, amount: time });
      });
      const run = (consumer: string) =>
        new WaterMill({
          process: slow,
          broker: brokerOf({ orders, sales, group, guarantee, consumer, count: 10 }),
          commitEvery: { elements: 50, ms: 50 },
        }).run();
      const runs = [run('one'), run('two'), run('three')];
      await server.end(orders);
      const calls = (await Promise.all(runs)).map((report) => report.calls);
      expect(inOrder(await idsIn(sales))).toEqual(orderValues(500).map(({ id }) => id));
      expect(Math.min(...calls)).toBeGreaterThan(0);
      expect(await server.ends(sales)).toBe(1);
      expect(await pendingOf(orders, group)).toBe(0);
    });
  });

  it('does not end while another consumer has pending messages, even if that one commits at the same time', async () => {
    const { orders, sales, group } = names();
    await server.add(orders, orderValues(10));
    await abandon(orders, group, 'two', 3);
    await server.send('SET', aliveKey(group, 'two'), '1');
    await server.end(orders);
    const lastDelivered = GroupConsumer.prototype.lastDelivered;
    let looks = 0;
    const looksAgain = new Promise<void>((resolve) => {
      jest.spyOn(GroupConsumer.prototype, 'lastDelivered').mockImplementation(async function (this: GroupConsumer) {
        const found = await lastDelivered.call(this);
        // Its own seven are acknowledged now, and the three of the other consumer are left.
        if (++looks === 1) await until(async () => (await pendingOf(orders, group)) === 3);
        else resolve();
        return found;
      });
    });
    const mill = new WaterMill({ process: copy, broker: brokerOf({ orders, sales, group }), commitEvery: { ms: 1 } });
    const run = mill.run();
    await Promise.race([looksAgain, run]);
    expect(await server.ends(sales)).toBe(0);
    const theirs: [string][] = await server.send('XPENDING', orders, group, '-', '+', '10');
    await server.send('XACK', orders, group, ...theirs.map(([id]) => id));
    await run;
    jest.restoreAllMocks();
    expect(await server.ends(sales)).toBe(1);
    expect(await idsIn(sales)).toHaveLength(7);
  });

  it('finishes fetched messages when it is stopped: nothing is pending afterwards', async () => {
    const { orders, sales, group } = names();
    await server.add(orders, orderValues(100));
    let calls = 0;
    const process = processFunction(Order, { emits: [Sale] }, async ({ id, time }) => {
      if (++calls === 3) mill.stop();
      return message(Sale, { id, amount: time });
    });
    const mill = new WaterMill({ process, broker: brokerOf({ orders, sales, group, count: 20 }) });
    expect((await mill.run()).ended).toBe('stopped');
    expect(await idsIn(sales)).toHaveLength(20);
    expect(await pendingOf(orders, group)).toBe(0);
    expect(await consumersOf(orders, group)).toEqual([]);
  });

  it('leaves nothing pending when it is stopped while it waits', async () => {
    const { orders, sales, group } = names();
    const mill = new WaterMill({ process: copy, broker: brokerOf({ orders, sales, group }) });
    const run = mill.run();
    await server.add(orders, orderValues(3));
    await until(async () => (await consumersOf(orders, group).catch(() => [])).length === 1);
    mill.stop();
    await run;
    expect(await pendingOf(orders, group)).toBe(0);
    expect([0, 3]).toContain((await idsIn(sales)).length);
  });

  it('returns the pending messages of a restarted consumer first, with ids and deliveries', async () => {
    const { orders, group } = names();
    await server.add(orders, orderValues(6));
    await abandon(orders, group, 'one', 4);
    await server.end(orders);
    const found: unknown[] = [];
    const pending: number[] = [];
    const process = processFunction(Order, { inject: [Origin] }, async ({ id }, origin) => {
      found.push([id, origin.deliveries, origin.key === orders, /^\d+-\d+$/.test(origin.id as string)]);
      pending.push(await pendingOf(orders, group));
    });
    const broker = new RedisMessageBroker({ url, group, entries: [[Order, redisGroup(orders, { consumer: 'one' })]] });
    await new WaterMill({ process, broker }).run();
    expect(found).toEqual(range(6).map((i) => [`o${i}`, i < 4 ? 2 : 1, true, true]));
    // Each of the redelivered messages is committed before the next: a message that kills the process is then alone.
    expect(pending.slice(0, 4)).toEqual([4, 3, 2, 1]);
    expect(await pendingOf(orders, group)).toBe(0);
  });

  it('claims the messages of a consumer without a heartbeat, and removes it once it has none', async () => {
    const { orders, sales, group } = names();
    await server.add(orders, orderValues(10));
    await abandon(orders, group, 'dead', 5);
    const mill = new WaterMill({
      process: copy,
      broker: brokerOf({ orders, sales, group, claimAfterMs: 60 }),
      commitEvery: { ms: 5 },
    });
    const run = mill.run();
    await until(async () => (await idsIn(sales)).length === 10);
    await until(async () => (await consumersOf(orders, group)).join() === 'one');
    mill.stop();
    await run;
    expect(inOrder(await idsIn(sales))).toEqual(orderValues(10).map(({ id }) => id));
    expect(await pendingOf(orders, group)).toBe(0);
  });

  it('also claims if connections may be silent for any time', async () => {
    const { orders, group } = names();
    await server.add(orders, orderValues(2));
    await server.send('XGROUP', 'CREATE', orders, group, '0');
    const found: string[] = [];
    const process = processFunction(Order, {}, ({ id }) => {
      found.push(id);
      if (found.length === 2) mill.stop();
    });
    const broker = new RedisMessageBroker({
      client: { url, socket: { socketTimeout: 0 } },
      group,
      entries: [[Order, redisGroup(orders, { consumer: 'one', claimAfterMs: 300 })]],
    });
    await server.send('XREADGROUP', 'GROUP', group, 'dead', 'COUNT', '2', 'STREAMS', orders, '>');
    const mill = new WaterMill({ process, broker });
    const ended = mill.run();
    await until(() => found.length === 2).catch(() => mill.stop());
    await ended;
    expect(found).toEqual(['o0', 'o1']);
  });

  it('claims nothing of a live consumer, however long its call takes', async () => {
    const { orders, sales, group } = names();
    await server.add(orders, orderValues(1));
    let release: () => void = () => {};
    const isFree = new Promise<void>((resolve) => {
      release = resolve;
    });
    let isAtWork: () => void;
    const started = new Promise<void>((resolve) => {
      isAtWork = resolve;
    });
    const long = processFunction(Order, { emits: [Sale] }, async ({ id, time }) => {
      isAtWork();
      await isFree;
      return message(Sale, { id, amount: time });
    });
    // It sends a heartbeat three times as often: a process that is late by less is not missed.
    const setup = { orders, sales, group, claimAfterMs: 500 };
    const first = new WaterMill({ process: long, broker: brokerOf({ ...setup, consumer: 'long' }) }).run();
    await started;
    const other = new WaterMill({ process: copy, broker: brokerOf({ ...setup, consumer: 'other' }) }).run();
    const idle = async () => (await server.send('XPENDING', orders, group, '-', '+', '1'))[0][2] as number;
    await until(async () => (await idle()) > 1_500);
    expect((await server.send('XPENDING', orders, group, '-', '+', '1'))[0][1]).toBe('long');
    await server.end(orders);
    release();
    await Promise.all([first, other]);
    expect(await idsIn(sales)).toEqual(['o0']);
  });

  it('refuses the commit of a consumer whose messages were claimed', async () => {
    const { orders, sales, group } = names();
    await server.add(orders, orderValues(1));
    let calls = 0;
    const process = processFunction(Order, { emits: [Sale] }, async ({ id, time }) => {
      calls++;
      // As if this process had been suspended: it sends no heartbeat, and another one claims its messages.
      await server.send('DEL', `watermill:${group}:consumer:sleeper:alive`);
      const setup = { orders, sales, group, claimAfterMs: 1, consumer: 'quick' };
      const other = new WaterMill({ process: copy, broker: brokerOf(setup), commitEvery: { ms: 1 } });
      const run = other.run();
      await until(async () => (await idsIn(sales)).length === 1);
      other.stop();
      await run;
      await server.end(orders);
      return message(Sale, { id: `${id} again`, amount: time });
    });
    await new WaterMill({ process, broker: brokerOf({ orders, sales, group, consumer: 'sleeper' }) }).run();
    expect(calls).toBe(1);
    expect(await idsIn(sales)).toEqual(['o0']);
    expect(await pendingOf(orders, group)).toBe(0);
  });

  describe('poison', () => {
    /** Restarts a consumer like a supervisor, until it ends by itself. */
    const supervise = async (setup: Setup, process: any, most = 30): Promise<number> => {
      for (let lives = 1; lives <= most; lives++) {
        const failed = await new WaterMill({ process, broker: brokerOf(setup) }).run().then(
          () => false,
          () => true,
        );
        if (!failed) return lives;
      }
      throw new Error('it never ended');
    };
    const poisoned = processFunction(Order, { emits: [Sale] }, ({ id, time }) => {
      if (id === 'o7' || id === 'o8') throw new Error('poison');
      return message(Sale, { id, amount: time });
    });

    it.each([
      [3, 'at-least-once'],
      [3, 'exactly-once'],
      [1, 'exactly-once'],
    ] as const)('becomes a dead letter after %i deliveries (%s), and its neighbours do not', async (max, guarantee) => {
      const { orders, sales, group } = names();
      await server.add(orders, orderValues(20));
      await server.end(orders);
      const setup = { orders, sales, group, guarantee, maxDeliveries: max, deadLetter: BadMessage };
      await supervise(setup, poisoned);
      const letters = await server.values(`${orders}:dead-letters`);
      expect(letters.map(({ raw }) => JSON.parse(raw).id)).toEqual(['o7', 'o8']);
      expect(letters[0]).toMatchObject({ stream: orders, error: expect.stringContaining(`delivered ${max} times`) });
      const expected = orderValues(20).map(({ id }) => id);
      const done = await idsIn(sales);
      expect(inOrder([...new Set(done)])).toEqual(expected.filter((id) => id !== 'o7' && id !== 'o8'));
      if (guarantee === 'exactly-once') expect(done).toHaveLength(18);
      expect(await pendingOf(orders, group)).toBe(0);
    });

    it('is written to the entry of its class', async () => {
      const { orders, sales, group } = names();
      const letters = uniqueName('letters');
      await server.add(orders, [{ time: 0, id: 'o7' }]);
      await server.end(orders);
      const open = () =>
        new RedisMessageBroker({
          url,
          group,
          entries: [
            [Order, redisGroup(orders, { consumer: 'one', maxDeliveries: 2, deadLetter: BadMessage })],
            [Sale, redisStream(sales)],
            [BadMessage, redisStream(letters, { fields: 'each' })],
          ],
        });
      for (const _ of range(2)) await new WaterMill({ process: poisoned, broker: open() }).run().catch(() => {});
      await new WaterMill({ process: poisoned, broker: open() }).run();
      expect((await server.entries(letters))[0]!.fields).toMatchObject({ stream: orders, raw: '{"time":0,"id":"o7"}' });
    });

    it('stays pending if its dead letter cannot be written: the key has another type', async () => {
      const { orders, sales, group } = names();
      await server.add(orders, orderValues(1));
      await server.end(orders);
      await abandon(orders, group, 'one', 1);
      await server.send('RPUSH', `${orders}:dead-letters`, 'x');
      const setup = { orders, sales, group, maxDeliveries: 1 };
      await expect(new WaterMill({ process: copy, broker: brokerOf(setup) }).run()).rejects.toMatchObject({
        code: 'WM_REDIS_TYPE',
        message: expect.stringContaining(`The key ${orders}:dead-letters holds a list, expected a stream.`),
      });
      expect(await pendingOf(orders, group)).toBe(1);
    });
  });

  it('is refused before anything is delivered if the key of dead letters is of another type', async () => {
    const { orders, sales, group } = names();
    await server.add(orders, orderValues(2));
    await server.end(orders);
    await server.send('RPUSH', `${orders}:dead-letters`, 'x');
    const setup = { orders, sales, group, maxDeliveries: 2 };
    for (const _ of range(3)) {
      await expect(new WaterMill({ process: copy, broker: brokerOf(setup) }).run()).rejects.toMatchObject({
        code: 'WM_REDIS_TYPE',
      });
    }
    await server.send('DEL', `${orders}:dead-letters`);
    await new WaterMill({ process: copy, broker: brokerOf(setup) }).run();
    expect(await idsIn(sales)).toEqual(['o0', 'o1']);
  });

  it('names the stream if it turns into another type before the messages are acknowledged', async () => {
    const { orders, sales, group } = names();
    await server.add(orders, orderValues(1));
    const process = processFunction(Order, { emits: [Sale] }, async ({ id }) => {
      await server.send('SET', orders, 'x');
      return message(Sale, { id, amount: 1 });
    });
    await expect(
      new WaterMill({ process, broker: brokerOf({ orders, sales, group }), commitEvery: { elements: 1 } }).run(),
    ).rejects.toMatchObject({
      code: 'WM_REDIS_TYPE',
      message: expect.stringContaining(`The key ${orders} holds a string, expected a stream.`),
    });
    expect(await server.send('EXISTS', sales)).toBe(0);
  });

  it.each([
    ['the group is destroyed', (orders: string, group: string) => ['XGROUP', 'DESTROY', orders, group]],
    ['the stream is deleted', (orders: string) => ['DEL', orders]],
  ])('says so if %s while it is read', async (_, command) => {
    const { orders, sales, group } = names();
    await server.add(orders, orderValues(1));
    const run = new WaterMill({ process: copy, broker: brokerOf({ orders, sales, group }) }).run();
    const outcome = rejection(run);
    await until(async () => (await server.send('XLEN', sales)) === 1 && (await pendingOf(orders, group)) === 0);
    await server.send(...command(orders, group));
    const error = await outcome;
    expect(error).toMatchObject({ code: 'WM_POSITION_LOST', details: { stream: orders, group } });
    expect(error.message).toContain(`The consumer group ${group} of ${orders} is gone`);
  });

  it.each([1, 5])(
    'acknowledges a message that was deleted while it waited, and says so (maxDeliveries %i)',
    async (maxDeliveries) => {
      const { orders, sales, group } = names();
      await server.add(orders, orderValues(3));
      await abandon(orders, group, 'one', 1);
      const [first] = await server.entries(orders);
      await server.send('XDEL', orders, first!.id);
      await server.end(orders);
      const logger = new RecordingLogger();
      await new WaterMill({ process: copy, broker: brokerOf({ orders, sales, group, maxDeliveries }), logger }).run();
      expect(await idsIn(sales)).toEqual(['o1', 'o2']);
      expect(logger.lines.filter(({ level }) => level === 'warn')).toMatchObject([
        {
          fields: { id: first!.id },
          text: expect.stringMatching(`^The message ${first!.id} of ${orders} was deleted`),
        },
      ]);
      expect(await pendingOf(orders, group)).toBe(0);
    },
  );

  it('reads several streams', async () => {
    const { orders, sales, group } = names();
    const keys = [`${orders}:a`, `${orders}:b`];
    for (const [i, key] of keys.entries()) await server.add(key, orderValues(50, i * 50));
    for (const key of keys) await server.end(key);
    await new WaterMill({ process: copy, broker: brokerOf({ orders: keys, sales, group, count: 7 }) }).run();
    expect(inOrder(await idsIn(sales))).toEqual(orderValues(100).map(({ id }) => id));
    for (const key of keys) expect(await pendingOf(key, group)).toBe(0);
  });

  it('can only be joined under a slack', async () => {
    const { orders, sales, group } = names();
    const prices = uniqueName('prices');
    const broker = () =>
      new RedisMessageBroker({
        url,
        group,
        guarantee: 'exactly-once',
        entries: [
          [Order, redisGroup(orders, { consumer: 'one' })],
          [Price, redisStream(prices)],
          [Sale, redisStream(sales)],
        ],
      });
    expect(refusal(() => new WaterMill({ process: sell, broker: broker() }))).toMatchObject({
      code: 'WM_INPUTS',
      message: expect.stringContaining(`Order is joined, and ${orders} delivers its elements in no order`),
    });
    const inputs = [[Order, { order: 'skip' }]] as const;
    expect(refusal(() => new WaterMill({ process: sell, broker: broker(), inputs })).code).toBe('WM_INPUTS');
    const late = joinStreams(Order, joinWith(Price, { left: field(Order, 'time'), right: field(Price, 'time') }));
    const join = processFunction(late, { emits: [Sale] }, (order, found) =>
      found.of(order).map(({ amount }) => message(Sale, { id: order.id, amount })),
    );
    await server.add(
      orders,
      [1, 0, 3, 2, 5, 4].map((time) => ({ time, id: `o${time}` })),
    );
    await server.add(
      prices,
      range(6).map((time) => ({ time, amount: time * 10 })),
    );
    await server.end(orders);
    await server.end(prices);
    await new WaterMill({ process: join, broker: broker(), inputs: [[Order, { order: { slack: 2 } }]] }).run();
    expect(await server.values(sales)).toEqual(range(6).map((time) => ({ id: `o${time}`, amount: time * 10 })));
    expect(await pendingOf(orders, group)).toBe(0);
  });

  it('needs a group', () => {
    const entries = [[Order, redisGroup('orders', { consumer: 'one' })]] as const;
    expect(refusal(() => new RedisMessageBroker({ url, entries }))).toMatchObject({ code: 'WM_BROKER_OPTIONS' });
  });
});
