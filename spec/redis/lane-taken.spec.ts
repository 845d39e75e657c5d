import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type Broker, CustomMessageBroker, message, processFunction, WaterMill } from 'watermill';
import { RedisMessageBroker, type RedisOptions, redisList, redisStream } from 'watermill/redis';
import { LaneRecord } from '../../lib/brokers/redis/commit/lane-record.js';
import { ListTaking } from '../../lib/brokers/redis/reading/list-taking.js';
import { Order, range, Sale } from '../mill/support/model.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { settled } from '../support/virtual-clock.js';
import { describeOnRedis, redisUrl, uniqueName } from './support/on-redis.js';
import { TestServer } from './support/test-server.js';

const server = new TestServer();
const folder = temporaryDirectory();
const orderValues = range(20).map((time) => ({ time, id: `o${time}` }));
const copy = processFunction(Order, { emits: [Sale] }, ({ id, time }) => message(Sale, { id, amount: time }));

interface World {
  readonly orders: string;
  readonly sales: string;
  /** Lets another process take the lane, and die. */
  readonly take: () => Promise<void>;
  /** The same, but only once. */
  readonly rob: () => Promise<void>;
  readonly run: (more?: { readonly outputBroker: Broker }) => Promise<unknown>;
}

async function world(kind: 'stream' | 'list', guarantee: RedisOptions['guarantee'] = 'exactly-once'): Promise<World> {
  const [orders, sales, group] = ['orders', 'sales', 'group'].map(uniqueName) as [string, string, string];
  if (kind === 'stream') {
    await server.add(orders, orderValues);
    await server.end(orders);
  } else {
    const end = '{"watermill":"end-of-stream"}';
    await server.send('RPUSH', orders, ...orderValues.map((order) => JSON.stringify(order)), end);
  }
  const entries = [
    [Order, kind === 'stream' ? redisStream(orders) : redisList(orders)],
    [Sale, redisStream(sales)],
  ] as const;
  const broker = new RedisMessageBroker({ url: redisUrl as string, group, entries, guarantee });
  const take = async (): Promise<void> => {
    await server.send('SET', `watermill:${group}:owner:0`, 'another process');
  };
  let isRobbed = false;
  const rob = async (): Promise<void> => {
    if (!isRobbed) await take();
    isRobbed = true;
  };
  return {
    orders,
    sales,
    take,
    rob,
    run: (more) => new WaterMill({ process: copy, broker, commitEvery: { elements: 5 }, ...more }).run(),
  };
}

/** Takes the lane away before a commit to a stage, the first or a later one. */
function robBefore({ rob }: World, stage: 'open' | 'ended', number: number): void {
  const real = LaneRecord.prototype.commit;
  let commits = 0;
  jest.spyOn(LaneRecord.prototype, 'commit').mockImplementation(async function (this: LaneRecord, ...given) {
    if (given[1] === stage && ++commits === number) await rob();
    return real.apply(this, given);
  });
}

async function expectAll({ sales }: World): Promise<void> {
  expect((await server.values(sales)).map(({ amount }) => amount)).toEqual(range(20));
  expect(await server.ends(sales)).toBe(1);
}

describeOnRedis('a lane that another process takes', () => {
  beforeAll(() => server.open());
  afterEach(() => jest.restoreAllMocks());
  afterAll(async () => {
    folder.remove();
    await server.close();
  });

  it('before its end marks are written is released, and ended by the next owner', async () => {
    const where = await world('stream');
    robBefore(where, 'ended', 1);
    await where.run();
    await expectAll(where);
  });

  it('and taken back by this process commits everything since', async () => {
    const where = await world('stream');
    robBefore(where, 'open', 2);
    await where.run();
    await expectAll(where);
  });

  it('while it waits for an output elsewhere changes nothing there', async () => {
    const where = await world('stream', 'at-least-once');
    const [progress, events] = [folder.file('sink'), [] as string[]];
    const real = LaneRecord.prototype.confirm;
    jest.spyOn(LaneRecord.prototype, 'confirm').mockImplementation(async function (this: LaneRecord) {
      await where.rob();
      events.push('confirm');
      return real.apply(this);
    });
    const write = (sales: readonly Sale[]) => void events.push(...sales.map(({ id }) => id));
    await where.run({ outputBroker: new CustomMessageBroker({ sinks: [[Sale, { write }]], progress }) });
    expect(events).toEqual(['confirm', 'confirm', ...orderValues.map(({ id }) => id)]);
  });

  it('while it takes from a list is released, and nothing is lost', async () => {
    const where = await world('list');
    const real = ListTaking.prototype.take;
    jest.spyOn(ListTaking.prototype, 'take').mockImplementation(async function (this: ListTaking) {
      await where.rob();
      return real.apply(this);
    });
    await where.run();
    await expectAll(where);
    expect(await server.send('EXISTS', where.orders)).toBe(0);
  });

  it.each(['stream', 'list'] as const)('again and again leaves nothing of itself in memory: %s', async (kind) => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const where = await world(kind);
    const records: WeakRef<LaneRecord>[] = [];
    let left: number | undefined;
    const real = LaneRecord.prototype.commit;
    // Not by a spy, which keeps all that it was called on.
    LaneRecord.prototype.commit = async function (this: LaneRecord, ...given) {
      if (records.at(-1)?.deref() !== this) records.push(new WeakRef(this));
      else if (records.length === 4 && left === undefined) {
        await settled();
        collect();
        left = records.slice(0, 2).filter((record) => record.deref() !== undefined).length;
      }
      if (records.length < 4) await where.take();
      return real.apply(this, given);
    };
    try {
      await where.run();
    } finally {
      LaneRecord.prototype.commit = real;
    }
    await expectAll(where);
    expect([records.length, left]).toEqual([4, 0]);
  });
});
