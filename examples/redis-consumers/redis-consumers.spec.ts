import { randomUUID } from 'node:crypto';
import { onRedis } from '../support/redis.js';
import { type Consumer, makeMill } from './mill.js';

const describeOnRedis = (process.env.WATERMILL_TEST_REDIS === undefined ? describe.skip : describe) as jest.Describe;

describeOnRedis('consumers of a group of Redis', () => {
  let places: Omit<Consumer, 'name'>;
  beforeEach(() => {
    const id = randomUUID();
    places = {
      orders: [`${id}:orders-1`, `${id}:orders-2`],
      invoices: `${id}:invoices`,
      letters: `${id}:letters`,
      group: id,
      claimAfterMs: 100,
    };
  });

  const fill = async (...amounts: number[]): Promise<void> => {
    for (const [i, key] of places.orders.entries()) {
      for (const amount of amounts)
        await onRedis(['XADD', key, '*', 'json', `{"id":"${i}-${amount}","amount":${amount}}`]);
    }
  };
  const end = async (): Promise<void> => {
    for (const key of places.orders) await onRedis(['XADD', key, '*', 'watermill', 'end-of-stream']);
  };
  const jsonIn = async (key: string): Promise<any[]> => {
    const [entries] = await onRedis(['XRANGE', key, '-', '+']);
    return entries.flatMap(([, [name, text]]: [string, string[]]) =>
      name === 'json' ? [JSON.parse(text as string)] : [],
    );
  };

  it('share the orders of two streams: each is invoiced once', async () => {
    await fill(1, 2, 3, 4, 5);
    await end();
    await Promise.all(['worker-1', 'worker-2'].map((name) => makeMill({ ...places, name }).run()));
    const orders = (await jsonIn(places.invoices)).map(({ order }) => order).sort();
    expect(orders).toEqual(['0-1', '0-2', '0-3', '0-4', '0-5', '1-1', '1-2', '1-3', '1-4', '1-5']);
  });

  it('take over what a dead one had', async () => {
    await fill(1, 2);
    for (const key of places.orders) {
      await onRedis(['XGROUP', 'CREATE', key, places.group, '0']);
      await onRedis(['XREADGROUP', 'GROUP', places.group, 'dead', 'STREAMS', key, '>']);
    }
    await end();
    await makeMill({ ...places, name: 'worker-1' }).run();
    expect(await jsonIn(places.invoices)).toHaveLength(4);
  });

  it('put an order that fails again and again aside', async () => {
    await fill(1, -1, 2);
    await end();
    const failures: unknown[] = [];
    for (let isOver = false; !isOver; ) {
      isOver = await makeMill({ ...places, name: 'worker-1' })
        .run()
        .then(
          () => true,
          (error) => {
            failures.push(error);
            return false;
          },
        );
    }
    // The first delivery of the second poison message was together with others, and not its fault.
    expect(failures).toHaveLength(5);
    expect((await jsonIn(places.letters)).map(({ raw }) => JSON.parse(raw).id).sort()).toEqual(['0--1', '1--1']);
    expect((await jsonIn(places.invoices)).map(({ order }) => order).sort()).toEqual(['0-1', '0-2', '1-1', '1-2']);
  });
});
