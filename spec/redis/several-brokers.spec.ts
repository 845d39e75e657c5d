import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { JsonFileMessageBroker, message, processFunction, WaterMill } from 'watermill';
import { RedisMessageBroker, redisList, redisStream } from 'watermill/redis';
import { Alarm, Order, orders, Price, prices, range, Sale, tree } from '../mill/support/model.js';
import { rejection } from '../mill/support/rejection.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { describeOnRedis, redisUrl, uniqueName } from './support/on-redis.js';
import { TestServer } from './support/test-server.js';

const server = new TestServer();
const url = redisUrl as string;
const folder = temporaryDirectory();
const count = 40;

/** Returns a sale and an alarm per order; the call for one of them throws, if given. */
const both = (failsAt = -1) =>
  processFunction(tree, { emits: [Sale, Alarm] }, (order, found) => {
    if (order.time === failsAt) throw new Error('dies');
    const { id } = order;
    return [...found.of(order).map(({ amount }) => message(Sale, { id, amount })), message(Alarm, { text: id })];
  });

const lines = (values: readonly object[]): string => values.map((value) => `${JSON.stringify(value)}\n`).join('');
const inFile = (file: string): any[] =>
  existsSync(file)
    ? readFileSync(file, 'utf8')
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line))
    : [];
const ids = range(count).map((i) => `o${i}`);

describeOnRedis('Redis next to files', () => {
  beforeAll(() => server.open());
  afterAll(async () => {
    folder.remove();
    await server.close();
  });

  it('leads exactly once: results in Redis and in a file are the same as without a failure', async () => {
    const [key, sales, group, place] = [
      uniqueName('orders'),
      uniqueName('sales'),
      uniqueName('g'),
      folder.file('leads'),
    ];
    await server.add(key, orders(...range(count)));
    await server.end(key);
    writeFileSync(`${place}-prices.ndjson`, lines(prices(...range(count))));
    const run = (failsAt?: number) => {
      const redis = new RedisMessageBroker({
        url,
        group,
        guarantee: 'exactly-once',
        entries: [
          [Order, redisStream(key)],
          [Sale, redisStream(sales)],
        ],
      });
      const files = new JsonFileMessageBroker([
        [Price, `${place}-prices.ndjson`],
        [Alarm, `${place}-alarms.ndjson`],
      ]);
      return new WaterMill({ process: both(failsAt), broker: [files, redis], commitEvery: { elements: 7 } }).run();
    };
    for (const failsAt of [3, 20, 33])
      expect(await rejection(run(failsAt))).toMatchObject({ code: 'WM_PROCESS_FAILED' });
    await run();
    expect((await server.values(sales)).map(({ id }) => id)).toEqual(ids);
    expect(inFile(`${place}-alarms.ndjson`).map(({ text }) => text)).toEqual(ids);
    expect(await server.ends(sales)).toBe(1);
  });

  it.each([
    ['one class', { sales: 'redis', alarms: 'files' }, 'Alarm'],
    ['all of them', { sales: 'files', alarms: 'files' }, 'Sale and Alarm'],
  ])('refuses to move results to files while there is progress: %s', async (_, moved, what) => {
    const [key, sales, alarms, group] = [uniqueName('orders'), uniqueName('s'), uniqueName('a'), uniqueName('g')];
    const place = folder.file(uniqueName('moved'));
    await server.add(key, orders(...range(count)));
    await server.end(key);
    writeFileSync(`${place}-prices.ndjson`, lines(prices(...range(count))));
    const run = (at: { sales: string; alarms: string }, failsAt = -1, process = both(failsAt)) => {
      const redis = new RedisMessageBroker({
        url,
        group,
        entries: [
          [Order, redisStream(key)],
          ...(at.sales === 'redis' ? [[Sale, redisStream(sales)] as const] : []),
          ...(at.alarms === 'redis' ? [[Alarm, redisStream(alarms)] as const] : []),
        ] as never,
      });
      const files = new JsonFileMessageBroker([
        [Price, `${place}-prices.ndjson`],
        ...(at.sales === 'files' ? [[Sale, `${place}-sales.ndjson`] as const] : []),
        ...(at.alarms === 'files' ? [[Alarm, `${place}-alarms.ndjson`] as const] : []),
      ] as never);
      return new WaterMill({ process, broker: [redis, files], commitEvery: { elements: 7 } }).run();
    };
    const before = { sales: 'redis', alarms: 'redis' };
    expect(await rejection(run(before, 20))).toMatchObject({ code: 'WM_PROCESS_FAILED' });
    expect(await rejection(run(moved))).toMatchObject({
      code: 'WM_OUTPUT_CHANGED',
      message: expect.stringContaining(`The results ${what} on JsonFileMessageBroker would begin in the middle`),
    });
    expect(existsSync(`${place}-alarms.ndjson.partial`)).toBe(false);
    await run(before);
    expect(new Set((await server.values(alarms)).map(({ text }) => text)).size).toBe(count);
  });

  const fromList = async (streams: number) => {
    const [keys, list, place] = [
      range(streams).map(() => uniqueName('orders')),
      uniqueName('prices'),
      folder.file(uniqueName('list')),
    ];
    for (const key of keys) {
      await server.add(key, orders(...range(count)));
      await server.end(key);
    }
    const end = '{"watermill":"end-of-stream"}';
    await server.send('RPUSH', list, ...prices(...range(count)).map((price) => JSON.stringify(price)), end);
    const leads = new RedisMessageBroker({ url, group: uniqueName('g'), entries: [[Order, redisStream(keys)]] });
    const queue = new RedisMessageBroker({ url, group: uniqueName('g'), entries: [[Price, redisList(list)]] });
    const files = new JsonFileMessageBroker([
      [Sale, `${place}-sales.ndjson`],
      [Alarm, `${place}-alarms.ndjson`],
    ]);
    return { list, place, run: new WaterMill({ process: both(), broker: [leads, queue, files] }).run() };
  };

  it('may use a list with a leading broker of one lane: committed elements are removed', async () => {
    const { list, place, run } = await fromList(1);
    await run;
    expect(inFile(`${place}-sales.ndjson`).map(({ id }) => id)).toEqual(ids);
    expect(await server.send('EXISTS', list)).toBe(0);
  });

  it('refuses a list with several lanes: each would have a part of it', async () => {
    const { list, run } = await fromList(2);
    expect(await rejection(run)).toMatchObject({ code: 'WM_BROKER_CANNOT_FOLLOW', details: { message: 'Price' } });
    expect(await server.send('LLEN', list)).toBe(count + 1);
  });
});
