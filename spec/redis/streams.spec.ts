import { Registry } from 'prom-client';
import {
  BadMessage,
  EndOfStream,
  Field,
  field,
  joinStreams,
  joinWith,
  MemoryMessageBroker,
  Message,
  message,
  Origin,
  processFunction,
  WaterMill,
} from 'watermill';
import { registerMetrics } from 'watermill/metrics';
import { RedisMessageBroker, type RedisStreamOptions, redisStream } from 'watermill/redis';
import { Alarm, Next, Order, Price, prices, range, Sale, sell } from '../mill/support/model.js';
import { RecordingLogger } from '../mill/support/recording-logger.js';
import { describeOnRedis, redisUrl, uniqueName } from './support/on-redis.js';
import { TestServer } from './support/test-server.js';
import { until } from './support/waits.js';

const server = new TestServer();
const url = redisUrl as string;
const guarantees = ['at-least-once', 'exactly-once'] as const;

const orderValues = (count: number, from = 0) =>
  range(count, from).map((i) => ({ time: Math.floor(i / 2), id: `o${i}` }));
const priceValues = (count: number, from = 0) => range(count, from).map((i) => ({ time: i, amount: i * 10 }));

const copy = processFunction(Order, { emits: [Sale] }, ({ id, time }) => message(Sale, { id, amount: time }));

/** Entries for reading orders, with these options, and writing sales. */
const ordersAndSales = (orders: string, sales: string, options: RedisStreamOptions = {}) =>
  [
    [Order, redisStream(orders, options)],
    [Sale, redisStream(sales)],
  ] as const;

/** Copies orders in a mill that is stopped in this call. */
async function copyUntil(call: number, broker: RedisMessageBroker): Promise<void> {
  let calls = 0;
  const process = processFunction(Order, { emits: [Sale] }, ({ id, time }) => {
    if (++calls === call) mill.stop();
    return message(Sale, { id, amount: time });
  });
  const mill: WaterMill = new WaterMill({ process, broker });
  await mill.run();
}

/** Returns unique keys for a test. */
function keys() {
  return {
    orders: uniqueName('orders'),
    prices: uniqueName('prices'),
    sales: uniqueName('sales'),
    group: uniqueName('g'),
  };
}

@Message()
class Reading {
  @Field() time!: number;
  @Field() ok!: boolean;
  @Field(() => Date) at!: Date;
  @Field(() => String, { optional: true }) note?: string;
  @Field(() => [Number]) values!: number[];
}

describeOnRedis('a mill over streams of Redis', () => {
  beforeAll(() => server.open());
  afterAll(() => server.close());

  describe.each(guarantees)('%s', (guarantee) => {
    it('writes the results of a mill over memory, then one end mark, and nothing in a second run', async () => {
      const { orders, prices, sales, group } = keys();
      const [left, right] = [orderValues(2_500), priceValues(1_300)];
      await server.add(orders, left);
      await server.add(prices, right);
      await server.end(orders);
      await server.end(prices);
      const memory = new MemoryMessageBroker([
        [Order, left],
        [Price, right],
      ]);
      await new WaterMill({ process: sell, broker: memory }).run();
      const broker = () =>
        new RedisMessageBroker({
          url,
          group,
          guarantee,
          entries: [
            [Order, redisStream(orders)],
            [Price, redisStream(prices, { count: 100 })],
            [Sale, redisStream(sales)],
          ],
        });
      const report = await new WaterMill({ process: sell, broker: broker() }).run();
      const again = await new WaterMill({ process: sell, broker: broker() }).run();

      expect(await server.values(sales)).toEqual(memory.written(Sale).map((sale) => ({ ...sale })));
      expect(await server.ends(sales)).toBe(1);
      expect(report.calls).toBe(2_500);
      expect(again).toMatchObject({ ended: 'already ended', calls: 0 });
    });

    it('continues after a stop with the next entry, also one that was added meanwhile', async () => {
      const { orders, sales, group } = keys();
      await server.add(orders, orderValues(30));
      const broker = () =>
        new RedisMessageBroker({
          url,
          group,
          guarantee,
          entries: ordersAndSales(orders, sales),
        });
      await copyUntil(30, broker());
      await server.add(orders, orderValues(30, 30));
      await server.end(orders);
      await new WaterMill({ process: copy, broker: broker() }).run();

      expect((await server.values(sales)).map(({ id }) => id)).toEqual(orderValues(60).map(({ id }) => id));
    });

    it('writes results of an additional class from where it continues', async () => {
      const { orders, sales, group } = keys();
      const alarms = uniqueName('alarms');
      const entries = [...ordersAndSales(orders, sales), [Alarm, redisStream(alarms)]] as const;
      const broker = () => new RedisMessageBroker({ url, group, guarantee, entries });
      await server.add(orders, orderValues(30));
      const first: WaterMill = new WaterMill({
        process: processFunction(Order, { emits: [Sale] }, ({ id, time }) => {
          if (id === 'o29') first.stop();
          return message(Sale, { id, amount: time });
        }),
        broker: broker(),
      });
      await first.run();
      await server.add(orders, orderValues(10, 30));
      await server.end(orders);
      const process = processFunction(Order, { emits: [Alarm, Sale] }, ({ id, time }) => [
        message(Sale, { id, amount: time }),
        message(Alarm, { text: id }),
      ]);
      await new WaterMill({ process, broker: broker() }).run();
      const idsOf = (values: readonly { readonly id: string }[]) => values.map(({ id }) => id);
      expect((await server.values(sales)).map(({ id }) => id)).toEqual(idsOf(orderValues(40)));
      expect((await server.values(alarms)).map(({ text }) => text)).toEqual(idsOf(orderValues(10, 30)));
      expect([await server.ends(sales), await server.ends(alarms)]).toEqual([1, 1]);
    });

    it('processes entries as they are added while it waits', async () => {
      const { orders, sales, group } = keys();
      const broker = new RedisMessageBroker({
        url,
        group,
        guarantee,
        entries: ordersAndSales(orders, sales),
      });
      const waits: (() => void)[] = [];
      const process = processFunction(Order, { emits: [Sale] }, ({ id, time }) => {
        waits.shift()?.();
        return message(Sale, { id, amount: time });
      });
      const run = new WaterMill({ process, broker }).run();
      for (const i of range(5)) {
        const called = new Promise<void>((resolve) => waits.push(resolve));
        await server.add(orders, orderValues(1, i));
        await called;
      }
      await server.end(orders);
      await run;
      expect(await server.values(sales)).toHaveLength(5);
    });
  });

  it('writes results and positions in one transaction', async () => {
    const { orders, sales, group } = keys();
    await server.add(orders, orderValues(100));
    const broker = new RedisMessageBroker({
      url,
      group,
      guarantee: 'exactly-once',
      entries: ordersAndSales(orders, sales),
    });
    const look = "return { redis.call('XLEN', KEYS[1]), redis.call('HGET', KEYS[2], '0') }";
    const seen = new Set<number>();
    let calls = 0;
    const process = processFunction(Order, { emits: [Sale] }, async ({ id, time }) => {
      const [length, text] = await server.send('EVAL', look, '2', sales, `watermill:${group}`);
      expect(text === null ? 0 : JSON.parse(text).lane.nodes[0].from).toBe(length);
      seen.add(length);
      if (++calls === 100) mill.stop();
      return message(Sale, { id, amount: time });
    });
    const mill = new WaterMill({ process, broker, commitEvery: { elements: 40 } });
    await mill.run();
    expect(seen.size).toBeGreaterThan(2);
    expect(await server.values(sales)).toHaveLength(100);
  });

  it('joins a stream with itself', async () => {
    const { orders, sales } = keys();
    await server.add(orders, orderValues(5_000));
    await server.end(orders);
    const pairs = joinStreams(
      Order,
      joinWith(Next, { left: field(Order, 'time').plus(1), right: field(Next, 'time') }),
    );
    const pairUp = processFunction(pairs, { emits: [Sale] }, (here, next) =>
      next.of(here).map(({ id }) => message(Sale, { id: `${here.id} ${id}`, amount: here.time })),
    );
    const broker = new RedisMessageBroker({
      url,
      entries: [
        [Order, redisStream(orders)],
        [Next, redisStream(orders)],
        [Sale, redisStream(sales)],
      ],
    });
    await new WaterMill({ process: pairUp, broker }).run();
    const values = await server.values(sales);
    expect(values).toHaveLength(4_998 * 2);
    expect(values[3]).toEqual({ id: 'o1 o3', amount: 0 });
  });

  it('compares ids as pairs of numbers', async () => {
    const { orders, sales, group } = keys();
    const all = range(25);
    for (const i of all)
      await server.addFields(orders, `1000-${i}`, { json: JSON.stringify({ time: i, id: `o${i}` }) });
    const entries = ordersAndSales(orders, sales, { count: 3 });
    let calls = 0;
    const process = processFunction(Order, { emits: [Sale] }, ({ id, time }) => {
      if (++calls % 12 === 0) mill.stop();
      return message(Sale, { id, amount: time });
    });
    let mill = new WaterMill({ process, broker: new RedisMessageBroker({ url, group, entries }) });
    await mill.run();
    await server.end(orders);
    while (calls < 25) {
      mill = new WaterMill({ process, broker: new RedisMessageBroker({ url, group, entries }) });
      await mill.run();
    }
    expect((await server.values(sales)).map(({ amount }) => amount)).toEqual(all);
  });

  describe('start', () => {
    const run = async (start: string | undefined, meanwhile: (orders: string) => Promise<unknown>) => {
      const { orders, sales } = keys();
      for (const i of range(6)) await server.addFields(orders, `${i + 1}-0`, { json: `{"time":${i},"id":"o${i}"}` });
      const broker = new RedisMessageBroker({
        url,
        entries: [
          [Order, redisStream(orders, start === undefined ? {} : { start })],
          [Sale, redisStream(sales)],
        ],
      });
      const mill = new WaterMill({ process: copy, broker });
      const ended = mill.run();
      await meanwhile(orders);
      await ended;
      return (await server.values(sales)).map(({ id }) => id);
    };
    const end = (orders: string) => server.end(orders);

    it('is the beginning by default', async () => {
      expect(await run(undefined, end)).toHaveLength(6);
      expect(await run('beginning', end)).toHaveLength(6);
    });

    it('is after an id', async () => {
      expect(await run('4-0', end)).toEqual(['o4', 'o5']);
      expect(await run('4', end)).toEqual(['o4', 'o5']);
      expect(await run('3-7', end)).toEqual(['o3', 'o4', 'o5']);
    });

    it('is the end, determined once and stored with the group', async () => {
      const { orders, sales, group } = keys();
      await server.add(orders, orderValues(4));
      const open = () =>
        new RedisMessageBroker({
          url,
          group,
          entries: ordersAndSales(orders, sales, { start: 'end' }),
        });
      const mill = new WaterMill({ process: copy, broker: open() });
      const stopped = mill.run();
      while ((await server.send('HLEN', `watermill:${group}`)) === 0) await new Promise(setImmediate);
      mill.stop();
      await stopped;
      await server.add(orders, orderValues(3, 4));
      await server.end(orders);
      await new WaterMill({ process: copy, broker: open() }).run();
      expect((await server.values(sales)).map(({ id }) => id)).toEqual(['o4', 'o5', 'o6']);
    });
  });

  describe('an entry', () => {
    const readingsOf = async (fields: 'json' | 'each' | undefined, ...entries: Record<string, string>[]) => {
      const readings = uniqueName('readings');
      for (const entry of entries) await server.addFields(readings, '*', entry);
      await server.end(readings);
      const found: Reading[] = [];
      const process = processFunction(Reading, {}, (reading) => void found.push(reading));
      const place = redisStream(readings, fields === undefined ? {} : { fields });
      const broker = new RedisMessageBroker({ url, entries: [[Reading, place]] });
      await new WaterMill({ process, broker }).run();
      return found;
    };
    const each = { time: '7', ok: 'true', at: '2026-01-02T03:04:05.000Z', values: '[1,2]' };
    const expected = { time: 7, ok: true, at: new Date('2026-01-02T03:04:05.000Z'), values: [1, 2] };

    it('is JSON in the field json, or its fields, in any order', async () => {
      const json = { json: JSON.stringify(expected) };
      expect(await readingsOf(undefined, json, { ...each, note: 'n' }, json)).toMatchObject([
        expected,
        { ...expected, note: 'n' },
        expected,
      ]);
      expect(await readingsOf('json', { ...json, more: 'x' })).toMatchObject([expected]);
      // Next to other fields, that field is an ordinary one.
      expect(await readingsOf(undefined, { json: '{"time":1}', ...each })).toMatchObject([expected]);
      expect(await readingsOf('each', each)).toMatchObject([expected]);
    });

    it.each([
      [
        'without the field json',
        'json',
        { time: '7' },
        'the entry has no field "json", which fields: \'json\' expects; found the fields "time"',
      ],
      ['that is not JSON', undefined, { json: '{' }, 'it is not JSON'],
      ['with a text that is not what the class says', 'each', { ...each, time: 'seven' }, 'time'],
    ] as const)('%s is a bad message, named by stream and position', async (_, fields, entry, reason) => {
      const error = await readingsOf(fields, entry).catch((thrown) => thrown);
      expect(error).toMatchObject({ code: 'WM_BAD_MESSAGE', details: { position: 0, message: 'Reading' } });
      expect(error.message).toContain(reason);
    });

    it.each([
      ['json', ['json', '{"time":1}', 'json', '{"time":2}']],
      ['each', ['time', '1', 'time', '2']],
    ] as const)('with a field twice is a bad message, and its dead letter has both: %s', async (fields, words) => {
      const { orders, sales } = keys();
      await server.send('XADD', orders, '*', ...words);
      await server.end(orders);
      const broker = new RedisMessageBroker({
        url,
        entries: [
          [Order, redisStream(orders, { fields })],
          [BadMessage, redisStream(sales)],
        ],
      });
      const process = processFunction(Order, {}, () => {});
      await new WaterMill({ process, broker, inputs: [[Order, { onBadMessage: { deadLetter: BadMessage } }]] }).run();
      const [letter] = await server.values(sales);
      expect(letter).toMatchObject({
        error: expect.stringContaining(`the entry has the field "${words[0]}" twice`),
        raw: JSON.stringify([words.slice(0, 2), words.slice(2)]),
      });
    });

    it('that is not UTF-8 is a bad message; bytes reach a raw deserializer', async () => {
      const { orders } = keys();
      const script =
        "redis.call('XADD', KEYS[1], '1-1', 'json', '{\"time\":1,\"id\":\"\\255\"}') redis.call('XADD', KEYS[1], '1-2', 'watermill', 'end-of-stream')";
      await server.send('EVAL', script, '1', orders);
      const run = (codec?: { raw: true; deserializer: (bytes: Uint8Array) => { time: number; id: string } }) => {
        const entry =
          codec === undefined
            ? ([Order, redisStream(orders)] as const)
            : ([Order, redisStream(orders), codec] as const);
        const found: string[] = [];
        const process = processFunction(Order, {}, ({ id }) => void found.push(id));
        return new WaterMill({ process, broker: new RedisMessageBroker({ url, entries: [entry] }) })
          .run()
          .then(() => found);
      };
      await expect(run()).rejects.toMatchObject({
        code: 'WM_BAD_MESSAGE',
        message: expect.stringContaining('not UTF-8'),
      });
      expect(await run({ raw: true, deserializer: (bytes) => ({ time: 1, id: String(bytes.at(-3)) }) })).toEqual([
        '255',
      ]);
    });

    it('has its id, its time and the key of its stream in Origin', async () => {
      const { orders } = keys();
      await server.addFields(orders, '1700000000000-5', { json: '{"time":1,"id":"a"}' });
      await server.end(orders);
      const found: unknown[] = [];
      const process = processFunction(Order, { inject: [Origin] }, (_, { id, key, timestamp, position, stream }) => {
        found.push({ id, key, timestamp, position, stream });
      });
      await new WaterMill({
        process,
        broker: new RedisMessageBroker({ url, entries: [[Order, redisStream(orders)]] }),
      }).run();
      expect(found).toEqual([
        { id: '1700000000000-5', key: orders, timestamp: 1_700_000_000_000, position: 0, stream: orders },
      ]);
    });
  });

  describe('results', () => {
    it('are trimmed to about maxLength, and have one field per member if configured', async () => {
      const { orders, sales } = keys();
      await server.add(orders, orderValues(5_000));
      await server.end(orders);
      const broker = new RedisMessageBroker({
        url,
        entries: [
          [Order, redisStream(orders)],
          [Sale, redisStream(sales, { maxLength: 100, fields: 'each' })],
        ],
      });
      await new WaterMill({ process: copy, broker }).run();
      const found = await server.entries(sales);
      expect(found.length).toBeLessThan(300);
      expect(found.at(-2)!.fields).toEqual({ id: 'o4999', amount: '2499' });
    });

    it('do not end with a process that stops, but with one that ends itself', async () => {
      const { orders, sales } = keys();
      await server.add(orders, orderValues(50));
      const entries = ordersAndSales(orders, sales);
      const process = processFunction(Order, { emits: [Sale] }, ({ id, time }) =>
        time < 3 ? message(Sale, { id, amount: time }) : new EndOfStream(),
      );
      await new WaterMill({ process, broker: new RedisMessageBroker({ url, entries }) }).run();
      expect(await server.values(sales)).toHaveLength(6);
      expect(await server.ends(sales)).toBe(1);
    });
  });

  it('know the number of entries at the end again, even if one was deleted from the middle', async () => {
    const { orders } = keys();
    for (const i of range(8)) await server.addFields(orders, `${i + 1}-0`, { json: `{"time":${i},"id":"o${i}"}` });
    await server.send('XDEL', orders, '2-0');
    const registry = new Registry();
    const lags: (string | undefined)[] = [];
    const process = processFunction(Order, {}, async ({ id }) => {
      lags.push(/^watermill_lag_elements\{.*\} (\d+)$/m.exec(await registry.metrics())?.[1]);
      if (id === 'o7') mill.stop();
    });
    const broker = new RedisMessageBroker({ url, entries: [[Order, redisStream(orders, { count: 3 })]] });
    const mill: WaterMill = new WaterMill({ process, broker });
    registerMetrics(mill, registry);
    await mill.run();
    // The last page has a separate entry.
    expect(lags).toEqual([...range(6).map(() => undefined), '0']);
  });

  describe('lost entries', () => {
    /** A mill reads some orders, four at a time; then the stream is trimmed, and another mill continues. */
    const trimmed = async (onLost: 'fail' | 'earliest', trim: (orders: string) => Promise<unknown>, calls = 5) => {
      const { orders, sales, group } = keys();
      for (const i of range(10)) await server.addFields(orders, `${i + 1}-0`, { json: `{"time":${i},"id":"o${i}"}` });
      const logger = new RecordingLogger();
      const open = () =>
        new RedisMessageBroker({
          url,
          group,
          entries: ordersAndSales(orders, sales, { count: 4, onLost }),
        });
      await copyUntil(calls, open());
      await trim(orders);
      await server.end(orders);
      const error = await new WaterMill({ process: copy, broker: open(), logger }).run().catch((thrown) => thrown);
      return { orders, error, ids: (await server.values(sales)).map(({ id }) => id) };
    };

    it('fail the run with their ids', async () => {
      const { orders, error, ids } = await trimmed('fail', (key) => server.send('XTRIM', key, 'MINID', '8-0'));
      expect(error).toMatchObject({ code: 'WM_POSITION_LOST', details: { stream: orders, position: 5, first: '8-0' } });
      expect(error.message).toContain(orders);
      expect(error.message).toMatch(/from 6-0 to before 8-0|after 5-0 to before 8-0/);
      expect(ids).toEqual(['o0', 'o1', 'o2', 'o3', 'o4']);
    });

    it('are skipped if configured', async () => {
      const { error, ids } = await trimmed('earliest', (key) => server.send('XTRIM', key, 'MINID', '8-0'));
      expect(error).toMatchObject({ calls: 3 });
      expect(ids.slice(5)).toEqual(['o7', 'o8', 'o9']);
    });

    it('are reported once, however long nothing follows', async () => {
      const { orders, sales, group } = keys();
      for (const i of range(9)) await server.addFields(orders, `${i + 1}-0`, { json: `{"time":${i},"id":"o${i}"}` });
      const logger = new RecordingLogger();
      const open = () =>
        new RedisMessageBroker({
          // Such a client waits for 200 ms at a time.
          client: { url, socket: { socketTimeout: 400 } },
          group,
          entries: ordersAndSales(orders, sales, { count: 4, onLost: 'earliest' }),
        });
      await copyUntil(5, open());
      await server.send('XTRIM', orders, 'MAXLEN', '0');
      const again = new WaterMill({ process: copy, broker: open(), logger }).run();
      const looks = async () => {
        const stats = await server.send('INFO', 'commandstats');
        return Number(/cmdstat_xinfo\|stream:calls=(\d+)/.exec(stats)?.[1]);
      };
      const before = await looks();
      await until(async () => (await looks()) >= before + 5);
      await server.end(orders);
      await again;
      // On a busy machine such a client may also lose its connection.
      expect(logger.lines.filter(({ text }) => text.includes('are gone'))).toHaveLength(1);
    });

    it('do not include entries that were trimmed after they were read, or deleted one by one', async () => {
      expect((await trimmed('fail', (key) => server.send('XTRIM', key, 'MINID', '6-0'))).ids).toHaveLength(10);
      expect((await trimmed('fail', (key) => server.send('XDEL', key, '5-0', '7-0'))).ids).toHaveLength(9);
      // Everything that was read, and no more.
      expect((await trimmed('fail', (key) => server.send('XTRIM', key, 'MINID', '5-0'), 4)).ids).toHaveLength(10);
      const next = await trimmed('fail', (key) => server.send('XTRIM', key, 'MINID', '6-0'), 4);
      expect(next.error).toMatchObject({ code: 'WM_POSITION_LOST', message: expect.stringContaining('1 entry after') });
    });

    it('fail the run if the ids went back: the stream was deleted and recreated', async () => {
      const again = async (key: string) => {
        await server.send('DEL', key);
        await server.addFields(key, '2-0', { json: '{"time":0,"id":"new"}' });
        await server.addFields(key, '3-0', { watermill: 'end-of-stream' });
      };
      const { orders, sales, group } = keys();
      for (const i of range(10)) await server.addFields(orders, `${i + 1}-0`, { json: `{"time":${i},"id":"o${i}"}` });
      const entries = ordersAndSales(orders, sales);
      await copyUntil(10, new RedisMessageBroker({ url, group, entries }));
      await again(orders);
      const error = await new WaterMill({ process: copy, broker: new RedisMessageBroker({ url, group, entries }) })
        .run()
        .catch((thrown) => thrown);
      expect(error).toMatchObject({ code: 'WM_POSITION_LOST', message: expect.stringContaining('its last id is 3-0') });
    });

    it.each<[string, string[], string]>([
      ['higher ids', range(12, 11).map((i) => `${i}-0`), 'only 0 entries were ever removed from it'],
      ['ids that begin below, and fewer entries', ['2-0', '20-0'], 'only 3 entries were ever added to it'],
    ])('fail the run if the stream was deleted and recreated with %s', async (_, ids, found) => {
      const { orders, sales, group } = keys();
      for (const i of range(10)) await server.addFields(orders, `${i + 1}-0`, { json: `{"time":${i},"id":"o${i}"}` });
      const entries = ordersAndSales(orders, sales);
      await copyUntil(10, new RedisMessageBroker({ url, group, entries }));
      await server.send('DEL', orders);
      for (const id of ids) await server.addFields(orders, id, { json: '{"time":20,"id":"new"}' });
      await server.addFields(orders, '30-0', { watermill: 'end-of-stream' });
      const again = new WaterMill({ process: copy, broker: new RedisMessageBroker({ url, group, entries }) });
      await expect(again.run()).rejects.toMatchObject({
        code: 'WM_POSITION_LOST',
        message: expect.stringContaining(`was read up to 10-0, but now ${found}: it was deleted, or created again`),
      });
    });

    describe.each(guarantees)('after the end of a lane, %s,', (guarantee) => {
      const ended = async () => {
        const { orders, sales, group } = keys();
        await server.add(orders, orderValues(3));
        await server.end(orders);
        const run = (onLost: 'fail' | 'earliest' = 'fail') => {
          const entries = ordersAndSales(orders, sales, { onLost });
          const broker = new RedisMessageBroker({ url, group, guarantee, entries });
          return new WaterMill({ process: copy, broker }).run();
        };
        expect(await run()).toMatchObject({ ended: 'master ended', calls: 3 });
        return { orders, run };
      };

      it('are none if the stream is unchanged, was trimmed or is gone', async () => {
        const { orders, run } = await ended();
        for (const command of [
          ['XTRIM', orders, 'MAXLEN', '1'],
          ['XTRIM', orders, 'MAXLEN', '0'],
          ['DEL', orders],
        ]) {
          expect(await run()).toMatchObject({ ended: 'already ended', calls: 0 });
          await server.send(...(command as [string, ...string[]]));
        }
        expect((await run()).ended).toBe('already ended');
      });

      it('fail the run if the stream was recreated, unless what is there is to be read', async () => {
        const { orders, run } = await ended();
        await server.send('DEL', orders);
        await server.add(orders, orderValues(3, 10));
        await server.end(orders);
        await expect(run()).rejects.toMatchObject({
          code: 'WM_POSITION_LOST',
          message: expect.stringMatching(/was read up to \d+-\d+, but now only 0 entries were ever removed from it/),
          details: { stream: orders, position: 4 },
        });
        expect(await run('earliest')).toMatchObject({ ended: 'master ended', calls: 3 });
        expect(await run('earliest')).toMatchObject({ ended: 'already ended', calls: 0 });
      });
    });

    it('are also detected while it reads', async () => {
      const { orders } = keys();
      await server.add(orders, orderValues(30));
      const process = processFunction(Order, {}, async ({ id }) => {
        if (id === 'o0') await server.send('XTRIM', orders, 'MAXLEN', '5');
      });
      const broker = new RedisMessageBroker({ url, entries: [[Order, redisStream(orders, { count: 5 })]] });
      await expect(new WaterMill({ process, broker }).run()).rejects.toMatchObject({
        code: 'WM_POSITION_LOST',
        message: expect.stringMatching(/1?5 entries after/),
      });
    });
  });

  it('refuses a key of another type, naming key and type', async () => {
    const { orders, sales } = keys();
    await server.send('RPUSH', orders, 'x');
    const broker = new RedisMessageBroker({
      url,
      entries: ordersAndSales(orders, sales),
    });
    await expect(new WaterMill({ process: copy, broker }).run()).rejects.toMatchObject({
      code: 'WM_REDIS_TYPE',
      message: expect.stringContaining(`The key ${orders} holds a list, expected a stream.`),
    });
  });

  it.each(guarantees)('names key and type if the key of results becomes another one, %s', async (guarantee) => {
    const { orders, sales, group } = keys();
    await server.add(orders, orderValues(2));
    const process = processFunction(Order, { emits: [Sale] }, async ({ id }) => {
      await server.send('SET', sales, 'x');
      return message(Sale, { id, amount: 1 });
    });
    const broker = new RedisMessageBroker({ url, group, guarantee, entries: ordersAndSales(orders, sales) });
    const mill = new WaterMill({ process, broker, commitEvery: { elements: 1 } });
    await expect(mill.run()).rejects.toMatchObject({
      code: 'WM_REDIS_TYPE',
      message: expect.stringContaining(`The key ${sales} holds a string, expected a stream.`),
    });
  });

  it('names the key of the progress if it is of another type', async () => {
    const { orders, sales, group } = keys();
    await server.send('SET', `watermill:${group}`, 'x');
    const broker = new RedisMessageBroker({ url, group, entries: ordersAndSales(orders, sales) });
    await expect(new WaterMill({ process: copy, broker }).run()).rejects.toMatchObject({
      code: 'WM_REDIS_TYPE',
      message:
        `The key watermill:${group} holds a string, expected a hash. ` +
        'Progress, tables and taken elements of a group are kept under such keys: delete the key, or give the broker another group.',
    });
  });

  it('reports an unreachable server', async () => {
    const broker = new RedisMessageBroker({ url: 'redis://127.0.0.1:1', entries: [[Order, redisStream('o')]] });
    const process = processFunction(Order, {}, () => {});
    await expect(new WaterMill({ process, broker }).run()).rejects.toMatchObject({
      code: 'WM_REDIS_FAILED',
      message: expect.stringContaining('No connection to Redis at 127.0.0.1:1'),
    });
  });

  it('lets the newest process of a group take over at once; the former one stands by', async () => {
    const { orders, sales, group } = keys();
    await server.add(orders, orderValues(10));
    const entries = ordersAndSales(orders, sales);
    const open = () => new RedisMessageBroker({ url, group, guarantee: 'exactly-once', entries });
    let firstHasAll: () => void;
    const read = new Promise<void>((resolve) => {
      firstHasAll = resolve;
    });
    let calls = 0;
    const slow = processFunction(Order, { emits: [Sale] }, ({ id, time }) => {
      if (++calls === 10) firstHasAll();
      return message(Sale, { id: `old ${id}`, amount: time });
    });
    const old = new WaterMill({ process: slow, broker: open(), commitEvery: { elements: 1_000, ms: 60_000 } }).run();
    await read;
    const young = new WaterMill({ process: copy, broker: open(), commitEvery: { elements: 1 } }).run();
    while ((await server.send('XLEN', sales)) < 10) await new Promise(setImmediate);
    await server.end(orders);
    await Promise.all([old, young]);
    expect((await server.values(sales)).map(({ id }) => id)).toEqual(range(10).map((i) => `o${i}`));
    expect(await server.ends(sales)).toBe(1);
  });

  it.each([
    ['one output for all', false],
    ['an output each', true],
  ])('reads one lane per key, with %s', async (_, isEach) => {
    const { orders, sales, group } = keys();
    const lanes = range(4);
    const keysOf = (name: string) => lanes.map((lane) => `${name}:${lane}`);
    for (const lane of lanes) {
      await server.add(`${orders}:${lane}`, [{ time: lane, id: `o${lane}` }]);
      await server.add(`${orders}p:${lane}`, [prices(lane)[0] as object]);
      await server.end(`${orders}:${lane}`);
      await server.end(`${orders}p:${lane}`);
    }
    const broker = () =>
      new RedisMessageBroker({
        url,
        group,
        entries: [
          [Order, redisStream(keysOf(orders))],
          [Price, redisStream(keysOf(`${orders}p`))],
          [Sale, redisStream(isEach ? keysOf(sales) : sales)],
        ],
      });
    await new WaterMill({ process: sell, broker: broker() }).run();
    await new WaterMill({ process: sell, broker: broker() }).run();
    for (const lane of isEach ? lanes : []) {
      expect(await server.values(`${sales}:${lane}`)).toEqual([{ id: `o${lane}`, amount: lane * 10 }]);
      expect(await server.ends(`${sales}:${lane}`)).toBe(1);
    }
    if (isEach) return;
    expect((await server.values(sales)).map(({ id }) => id).sort()).toEqual(lanes.map((lane) => `o${lane}`));
    expect(await server.ends(sales)).toBe(1);
    expect((await server.entries(sales)).at(-1)!.fields).toEqual({ watermill: 'end-of-stream' });
  });

  it('distributes lanes among processes, and takes over those of one that stops', async () => {
    const { orders, sales, group } = keys();
    const lanes = range(6).map((lane) => `${orders}:${lane}`);
    const results = range(6).map((lane) => `${sales}:${lane}`);
    for (const lane of lanes) await server.add(lane, orderValues(20));
    const open = (stopAt: number) => {
      let calls = 0;
      const process = processFunction(Order, { emits: [Sale] }, async ({ id, time }) => {
        if (++calls === stopAt) mill.stop();
        await new Promise(setImmediate);
        return message(Sale, { id, amount: time });
      });
      const broker = new RedisMessageBroker({
        url,
        group,
        guarantee: 'exactly-once',
        entries: [
          [Order, redisStream(lanes, { count: 5 })],
          [Sale, redisStream(results)],
        ],
      });
      const mill = new WaterMill({ process, broker, commitEvery: { elements: 5 } });
      return mill;
    };
    const first = open(0);
    const runOfFirst = first.run();
    await until(async () => (await server.send('XLEN', results[5]!)) > 0);
    const second = open(0);
    const runOfSecond = second.run();
    const ownersOf = async () => {
      const found = await server.send('MGET', ...range(6).map((lane) => `watermill:${group}:owner:${lane}`));
      return [...new Set(found)].map((owner) => found.filter((other: unknown) => other === owner).length);
    };
    await until(async () => (await ownersOf()).sort().join() === '3,3');
    second.stop();
    const report = await runOfSecond;
    for (const lane of lanes) {
      await server.add(lane, orderValues(20, 20));
      await server.end(lane);
    }
    await runOfFirst;
    expect(report.ended).toBe('stopped');
    for (const result of results) {
      expect((await server.values(result)).map(({ id }) => id)).toEqual(orderValues(40).map(({ id }) => id));
      expect(await server.ends(result)).toBe(1);
    }
  });

  it('refuses inputs with different numbers of keys', async () => {
    const broker = new RedisMessageBroker({
      url,
      entries: [
        [Order, redisStream(['a:0', 'a:1'])],
        [Price, redisStream('b')],
        [Sale, redisStream('c')],
      ],
    });
    await expect(new WaterMill({ process: sell, broker }).run()).rejects.toMatchObject({ code: 'WM_PARTITION_COUNTS' });
  });
});
