import { message, processFunction, WaterMill } from 'watermill';
import { RedisMessageBroker, redisList, redisStream } from 'watermill/redis';
import { LaneRecord } from '../../lib/brokers/redis/lane-record.js';
import { ListTaking } from '../../lib/brokers/redis/list-taking.js';
import { Order, range, Sale } from '../mill/support/model.js';
import { describeOnRedis, redisUrl, uniqueName } from './support/on-redis.js';
import { TestServer } from './support/test-server.js';

const server = new TestServer();
const url = redisUrl as string;
const orderValues = range(20).map((time) => ({ time, id: `o${time}` }));
const copy = processFunction(Order, { emits: [Sale] }, ({ id, time }) => message(Sale, { id, amount: time }));

/** Another process takes the lane, once, and dies. */
function robbing(group: string): () => Promise<void> {
  let isDone = false;
  return async () => {
    if (!isDone) await server.send('SET', `watermill:${group}:owner:0`, 'another process');
    isDone = true;
  };
}

describeOnRedis('a lane that another process takes', () => {
  beforeAll(() => server.open());
  afterEach(() => jest.restoreAllMocks());
  afterAll(() => server.close());

  it('before its end marks are written is left, and ended by whoever has it next', async () => {
    const [orders, sales, group] = ['orders', 'sales', 'g'].map(uniqueName) as [string, string, string];
    await server.add(orders, orderValues);
    await server.end(orders);
    const rob = robbing(group);
    const real = LaneRecord.prototype.commit;
    jest.spyOn(LaneRecord.prototype, 'commit').mockImplementation(async function (this: LaneRecord, ...given) {
      if (given[1] === 'ended') await rob();
      return real.apply(this, given);
    });
    const entries = [
      [Order, redisStream(orders)],
      [Sale, redisStream(sales)],
    ] as const;
    await new WaterMill({ process: copy, broker: new RedisMessageBroker({ url, group, entries }) }).run();
    expect((await server.values(sales)).map(({ amount }) => amount)).toEqual(range(20));
    expect(await server.ends(sales)).toBe(1);
  });

  it('and that this one takes again commits all that it did since', async () => {
    const [orders, sales, group] = ['orders', 'sales', 'g'].map(uniqueName) as [string, string, string];
    await server.add(orders, orderValues);
    await server.end(orders);
    const rob = robbing(group);
    const real = LaneRecord.prototype.commit;
    let commits = 0;
    jest.spyOn(LaneRecord.prototype, 'commit').mockImplementation(async function (this: LaneRecord, ...given) {
      if (++commits === 2) await rob();
      return real.apply(this, given);
    });
    const entries = [
      [Order, redisStream(orders)],
      [Sale, redisStream(sales)],
    ] as const;
    const broker = new RedisMessageBroker({ url, group, entries, guarantee: 'exactly-once' });
    await new WaterMill({ process: copy, broker, commitEvery: { elements: 5 } }).run();
    expect((await server.values(sales)).map(({ amount }) => amount)).toEqual(range(20));
  });

  it('while it takes from a list is left, and nothing is lost', async () => {
    const [orders, sales, group] = ['orders', 'sales', 'g'].map(uniqueName) as [string, string, string];
    const end = '{"watermill":"end-of-stream"}';
    await server.send('RPUSH', orders, ...orderValues.map((order) => JSON.stringify(order)), end);
    const rob = robbing(group);
    const real = ListTaking.prototype.take;
    jest.spyOn(ListTaking.prototype, 'take').mockImplementation(async function (this: ListTaking) {
      await rob();
      return real.apply(this);
    });
    const entries = [
      [Order, redisList(orders)],
      [Sale, redisStream(sales)],
    ] as const;
    await new WaterMill({ process: copy, broker: new RedisMessageBroker({ url, group, entries }) }).run();
    expect((await server.values(sales)).map(({ amount }) => amount)).toEqual(range(20));
    expect(await server.send('EXISTS', orders)).toBe(0);
  });
});
