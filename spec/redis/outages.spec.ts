import { setTimeout as wait } from 'node:timers/promises';
import { message, processFunction, WaterMill } from 'watermill';
import { RedisMessageBroker, redisGroup, redisList, redisStream } from 'watermill/redis';
import { Order, range, Sale } from '../mill/support/model.js';
import { RecordingLogger } from '../mill/support/recording-logger.js';
import { rejection } from '../mill/support/rejection.js';
import { cases, firstSeed } from '../support/cases.js';
import { FaultyProxy } from '../support/faulty-proxy.js';
import { Random } from '../support/random.js';
import { VirtualClock } from '../support/virtual-clock.js';
import { describeOnOwnRedis, uniqueName } from './support/on-redis.js';
import { OwnServer } from './support/own-server.js';
import { TestServer } from './support/test-server.js';
import { until } from './support/waits.js';

const elements = 300;
const all = range(elements).map((time) => ({ time, id: `o${time}` }));

let own: OwnServer;
let server: TestServer;

interface Case {
  readonly url: string;
  readonly kind: 'stream' | 'list' | 'group';
  readonly orders: string;
  readonly sales: string;
  readonly client?: object;
  readonly retries?: number;
  readonly logger?: RecordingLogger;
}

function millOf({ url, kind, orders, sales, client, retries = 40, logger }: Case): WaterMill {
  const places = {
    stream: () => redisStream(orders, { count: 20 }),
    list: () => redisList(orders),
    group: () => redisGroup(orders, { consumer: 'one', count: 20, maxDeliveries: 1_000 }),
  };
  const broker = new RedisMessageBroker({
    url,
    ...(client !== undefined && { client }),
    group: `group of ${orders}`,
    guarantee: 'exactly-once',
    entries: [
      [Order, places[kind]()],
      [Sale, redisStream(sales)],
    ],
    retry: { retries, initialRetryTime: 5, maxRetryTime: 100 },
  });
  const process = processFunction(Order, { emits: [Sale] }, async ({ id, time }) => {
    if (time % 10 === 0) await wait(1);
    return message(Sale, { id, amount: time });
  });
  return new WaterMill({ process, broker, commitEvery: { elements: 20 }, ...(logger !== undefined && { logger }) });
}

async function filled(kind: Case['kind'], to: TestServer): Promise<Pick<Case, 'kind' | 'orders' | 'sales'>> {
  const [orders, sales] = [uniqueName('orders'), uniqueName('sales')];
  if (kind === 'list') {
    await to.send('RPUSH', orders, ...all.map((order) => JSON.stringify(order)), '{"watermill":"end-of-stream"}');
  } else {
    await to.add(orders, all);
    await to.end(orders);
  }
  return { kind, orders, sales };
}

async function amountsIn(sales: string): Promise<number[]> {
  const amounts: number[] = (await server.values(sales)).map(({ amount }) => amount);
  return amounts.sort((a, b) => a - b);
}

describeOnOwnRedis('a mill whose server', () => {
  beforeAll(async () => {
    own = await OwnServer.start();
  });
  beforeEach(async () => {
    server = new TestServer(own.url);
    await server.open();
  });
  afterEach(() => server.close());
  afterAll(() => own.stop());

  it.each(['stream', 'list', 'group'] as const)('is killed and begins again with what it had: %s', async (kind) => {
    const names = await filled(kind, server);
    const run = millOf({ url: own.url, ...names }).run();
    await until(async () => (await server.send('XLEN', names.sales)) > 30);
    await own.kill();
    await wait(50);
    await own.begin();
    await run;
    await server.close();
    await server.open();
    expect(await amountsIn(names.sales)).toEqual(range(elements));
    expect(await server.ends(names.sales)).toBe(1);
  });

  it.each(['stream', 'list', 'group'] as const)('is down for longer than `dataTimeoutMs`: %s', async (kind) => {
    const place = {
      stream: redisStream,
      list: redisList,
      group: (key: string) => redisGroup(key, { consumer: 'one' }),
    };
    const orders = uniqueName('orders');
    const add = (time: number): Promise<unknown> => {
      const order = { time, id: `o${time}` };
      return kind === 'list' ? server.send('RPUSH', orders, JSON.stringify(order)) : server.add(orders, [order]);
    };
    await add(1);
    const broker = new RedisMessageBroker({
      url: own.url,
      group: `group of ${orders}`,
      entries: [[Order, place[kind](orders)]],
      retry: { retries: 10_000, initialRetryTime: 5, maxRetryTime: 100 },
      dataTimeoutMs: 10_000,
    });
    const seen: number[] = [];
    const process = processFunction(Order, { emits: [] }, ({ time }) => void seen.push(time));
    const [clock, logger] = [new VirtualClock(), new RecordingLogger()];
    const mill = new WaterMill({ process, broker, clock, logger, commitEvery: { elements: 1 } });
    const run = mill.run();
    await until(() => seen.length === 1 && mill.progress().waiting[0]?.for === 'input');
    await own.kill();
    await until(() => logger.lines.some(({ text }) => text.startsWith('The connection to Redis broke')));
    for (let i = 0; i < 20; i++) await clock.advance(1_000);
    await own.begin();
    await server.close();
    await server.open();
    await add(2);
    await until(async () => {
      await clock.advance(1);
      return seen.length === 2;
    });
    await mill.stop();
    expect((await run).ended).toBe('stopped');
  });

  it.each(['stream', 'list', 'group'] as const)('is a replica for a while, as in a failover: %s', async (kind) => {
    const { orders, sales } = { orders: uniqueName('orders'), sales: uniqueName('sales') };
    const add = (time: number): Promise<unknown> => {
      const order = { time, id: `o${time}` };
      return kind === 'list' ? server.send('RPUSH', orders, JSON.stringify(order)) : server.add(orders, [order]);
    };
    await add(10);
    const logger = new RecordingLogger();
    const mill = millOf({ url: own.url, kind, orders, sales, retries: 10_000, logger });
    let outcome = 'running';
    const run = mill.run().then(
      ({ ended }) => {
        outcome = ended;
      },
      (error) => {
        outcome = error.message;
      },
    );
    // The server interrupts what waits for a new element.
    await until(async () => /flags=b/.test(await server.send('CLIENT', 'LIST')) || outcome !== 'running');
    await server.send('REPLICAOF', '127.0.0.1', '1');
    const hasBroken = (): boolean => logger.lines.some(({ text }) => text.startsWith('The connection to Redis broke'));
    await until(() => hasBroken() || outcome !== 'running');
    await server.send('REPLICAOF', 'NO', 'ONE');
    await add(20);
    await until(() => mill.progress().calls === 2 || outcome !== 'running');
    await mill.stop();
    await run;
    expect(outcome).toBe('stopped');
    expect(await amountsIn(sales)).toEqual([10, 20]);
  });

  it('is a replica: the run fails, and says so', async () => {
    const names = await filled('stream', server);
    await server.send('REPLICAOF', '127.0.0.1', '1');
    const error = await rejection(millOf({ url: own.url, ...names, retries: 1 }).run());
    await server.send('REPLICAOF', 'NO', 'ONE');
    expect(error.message).toMatch(/READONLY .* Connect to the primary, not to a replica, and run the mill again/);
  });

  it('refuses a command: the run fails, and says so', async () => {
    const names = await filled('stream', server);
    await server.send('ACL', 'SETUSER', 'reader', 'on', '>secret', '~*', '&*', '+@all', '-xadd');
    const url = own.url.replace('redis://', 'redis://reader:secret@');
    const error = await rejection(millOf({ url, ...names }).run());
    await server.send('ACL', 'DELUSER', 'reader');
    expect(error.code).toBe('WM_REDIS_FAILED');
    expect(error.message).toMatch(/ERR .* Check what the server says, and the permissions of this user\.$/);
  });

  it('has no command XGROUP: the run fails, and says so', async () => {
    const without = await OwnServer.start('--rename-command', 'XGROUP', '""');
    const sent = new TestServer(without.url);
    await sent.open();
    const names = await filled('group', sent);
    const error = await rejection(millOf({ url: without.url, ...names }).run());
    await sent.close();
    await without.stop();
    expect(error.code).toBe('WM_REDIS_FAILED');
    expect(error.message).toMatch("unknown command 'XGROUP'");
  });

  it('has no more memory: the run fails, and says so; another one continues', async () => {
    const names = await filled('stream', server);
    await server.send('CONFIG', 'SET', 'maxmemory', '1');
    const error = await rejection(millOf({ url: own.url, ...names }).run());
    await server.send('CONFIG', 'SET', 'maxmemory', '0');
    expect(error.code).toBe('WM_REDIS_FAILED');
    expect(error.message).toMatch(/OOM .* Raise maxmemory of the server, or delete what is no longer needed\.$/);
    await millOf({ url: own.url, ...names }).run();
    expect(await amountsIn(names.sales)).toEqual(range(elements));
  });

  it('deletes keys when its memory is full: this is logged', async () => {
    const names = await filled('stream', server);
    const warnings = async (): Promise<string[]> => {
      const logger = new RecordingLogger();
      await millOf({ url: own.url, ...names, logger }).run();
      return logger.lines.filter(({ level }) => level === 'warn').map(({ text }) => text);
    };
    await server.send('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru');
    expect(await warnings()).toEqual([]);
    await server.send('CONFIG', 'SET', 'maxmemory', '1gb');
    expect(await warnings()).toEqual([
      expect.stringMatching(
        /\(maxmemory-policy allkeys-lru\), and with them the progress of the group group of orders/,
      ),
    ]);
    await server.send('CONFIG', 'SET', 'maxmemory-policy', 'volatile-lru');
    expect(await warnings()).toEqual([]);
    await server.send('CONFIG', 'SET', 'maxmemory-policy', 'noeviction', 'maxmemory', '0');
  });

  it('has too many connections: the error says that it closes new ones', async () => {
    const names = await filled('stream', server);
    const [, most] = await server.send('CONFIG', 'GET', 'maxclients');
    await server.send('CONFIG', 'SET', 'maxclients', '1');
    const error = await rejection(millOf({ url: own.url, ...names }).run());
    await server.send('CONFIG', 'SET', 'maxclients', most);
    expect(error.code).toBe('WM_REDIS_FAILED');
    expect(error.message).toMatch('A server closes new connections if it has as many as maxclients allows');
  });

  it('hangs for a while', async () => {
    const names = await filled('stream', server);
    const run = millOf({ url: own.url, ...names }).run();
    await until(async () => (await server.send('XLEN', names.sales)) > 30);
    own.pause();
    await wait(300);
    own.continue();
    await run;
    expect(await amountsIn(names.sales)).toEqual(range(elements));
  });

  it('accepts connections, but answers nothing: opening one fails in the time of `connectTimeout`', async () => {
    const names = await filled('stream', server);
    own.pause();
    const client = { socket: { connectTimeout: 200 } };
    const error = await rejection(millOf({ url: own.url, ...names, client }).run());
    own.continue();
    expect(error.code).toBe('WM_REDIS_FAILED');
    expect(error.message).toMatch(/^No connection to Redis at .*: The server did not answer within 200 ms\./);
  });

  it('does not return: the run fails, and another one continues', async () => {
    const names = await filled('stream', server);
    const run = millOf({ url: own.url, ...names, retries: 3 }).run();
    await until(async () => (await server.send('XLEN', names.sales)) > 30);
    await own.kill();
    await expect(run).rejects.toMatchObject({
      code: 'WM_REDIS_FAILED',
      message: expect.stringContaining('It was retried as the option retry says.'),
    });
    await own.begin();
    await server.close();
    await server.open();
    await millOf({ url: own.url, ...names }).run();
    expect(await amountsIn(names.sales)).toEqual(range(elements));
  });

  it.each(range(cases(3), firstSeed()))('is reached over connections that break or hang (seed %i)', async (seed) => {
    const random = new Random(seed);
    const target = { host: '127.0.0.1', port: own.port };
    const rates = { cut: 0.02, silence: 0.005, delay: 0.02 };
    const proxy = await new FaultyProxy(target, random, rates, 12).open();
    const kind = random.pick(['stream', 'list', 'group'] as const);
    const names = await filled(kind, server);
    // Silence is detected by a timeout.
    const client = { socket: { socketTimeout: 400 } };
    try {
      const url = `redis://127.0.0.1:${proxy.port}`;
      for (let isOver = false; !isOver; ) {
        isOver = await millOf({ url, ...names, client })
          .run()
          .then(
            () => true,
            (error) => {
              // The first connection is not retried.
              if (error.code !== 'WM_REDIS_FAILED') throw error;
              return false;
            },
          );
      }
    } finally {
      await proxy.close();
    }
    expect(await amountsIn(names.sales)).toEqual(range(elements));
    expect(await server.ends(names.sales)).toBe(1);
    if (kind === 'group') expect((await server.send('XPENDING', names.orders, `group of ${names.orders}`))[0]).toBe(0);
  });
});
