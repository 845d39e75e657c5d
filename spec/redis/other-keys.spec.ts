import { Field, Message, processFunction, WaterMill } from 'watermill';
import { RedisMessageBroker, type RedisPlace, redisList, redisStream } from 'watermill/redis';
import { range } from '../mill/support/model.js';
import { rejection } from '../mill/support/rejection.js';
import { describeOnRedis, redisUrl, uniqueName } from './support/on-redis.js';
import { TestServer } from './support/test-server.js';

const server = new TestServer();

@Message()
class Item {
  @Field() n!: number;
}

/** Runs a mill of the group over this key, and stops it in the call for this number. */
async function run(
  place: RedisPlace,
  group: string,
  stopAt = -1,
  options: object = {},
  call: (n: number) => void = () => {},
) {
  const seen: number[] = [];
  const process = processFunction(Item, { emits: [] }, ({ n }) => {
    call(n);
    seen.push(n);
    if (n === stopAt) void mill.stop();
  });
  const broker = new RedisMessageBroker({ url: redisUrl as string, group, entries: [[Item, place]] });
  const mill: WaterMill = new WaterMill({ process, broker, ...options });
  const { ended } = await mill.run();
  return { seen, ended };
}

const numbers = (count: number) => range(count).map((n) => ({ n }));

describeOnRedis('a group that is given other keys than it has read', () => {
  beforeAll(() => server.open());
  afterAll(() => server.close());

  const streams = async () => {
    const [first, second, group] = [uniqueName('first'), uniqueName('second'), uniqueName('g')];
    for (const key of [first, second]) {
      await server.add(key, numbers(3));
      await server.end(key);
    }
    return { first, second, group };
  };

  it.each([
    ['in the middle', 1],
    ['at its end', -1],
  ])('is refused if it stopped %s, unless the group is told that a stream was renamed', async (_, stopAt) => {
    const { first, second, group } = await streams();
    await run(redisStream(first), group, stopAt);
    const error = await rejection(run(redisStream(second), group));
    expect(error).toMatchObject({
      code: 'WM_POSITION_LOST',
      details: { stream: second, expected: first, group, lane: '0' },
    });
    expect(error.message).toContain(
      `The group ${group} has read Item from ${first}, and this mill reads ${second} (lane 0): its position in one says nothing about the other`,
    );
    const command = /only renamed: HDEL (\S+) (\S+)\.$/.exec(error.message) as RegExpExecArray;
    await server.send('RENAME', first, second);
    await server.send('HDEL', command[1] as string, command[2] as string);
    const { seen } = await run(redisStream(second), group);
    expect(seen).toEqual(stopAt === 1 ? [2] : []);
  });

  it('is refused if the keys of lanes are in another order', async () => {
    const { first, second, group } = await streams();
    await run(redisStream([first, second]), group);
    const error = await rejection(run(redisStream([second, first]), group));
    expect(error).toMatchObject({
      code: 'WM_POSITION_LOST',
      message: expect.stringMatching(/ This was in lane [01] \(/),
    });
  });

  it('starts over if its plan changed as well', async () => {
    const { first, second, group } = await streams();
    await run(redisStream(first), group);
    const inputs = [[Item, { order: 'skip' }]];
    const { seen } = await run(redisStream(second), group, -1, { inputs, onPlanChange: 'restart' });
    expect(seen).toEqual([0, 1, 2]);
    expect((await run(redisStream(second), group, -1, { inputs })).ended).toBe('already ended');
  });

  it('continues with further lists, unless it has ended', async () => {
    const [first, second, group] = [uniqueName('first'), uniqueName('second'), uniqueName('g')];
    await server.send('RPUSH', first, '{"n":0}', '{"n":1}');
    await server.send('RPUSH', second, '{"n":2}', '{"watermill":"end-of-stream"}');
    const before = await run(redisList(first), group, 0);
    const after = await run(redisList([first, second]), group);
    expect([...before.seen, ...after.seen]).toEqual([0, 1, 2]);
    expect(after.ended).toBe('master ended');
    const error = await rejection(run(redisList(first), group));
    expect(error).toMatchObject({
      code: 'WM_POSITION_LOST',
      details: { expected: `${first}, ${second}`, found: first },
    });
  });

  it('keeps the elements taken from a list when other lists are added, and is refused without that list', async () => {
    const [first, second, group] = [uniqueName('first'), uniqueName('second'), uniqueName('g')];
    await server.send('RPUSH', first, ...numbers(4).map((item) => JSON.stringify(item)));
    await server.send('RPUSH', second, '{"n":4}', '{"watermill":"end-of-stream"}');
    const before = await run(redisList(first), group, 1);
    const done = before.seen.length;
    const error = await rejection(run(redisList(second), group));
    expect(error).toMatchObject({ code: 'WM_POSITION_LOST', details: { group, expected: first, found: second } });
    expect(error.message).toContain(`has taken elements of Item from ${first} that are not processed yet`);
    const fails = (n: number): void => {
      if (n === done + 1) throw new Error('no');
    };
    const between = await run(redisList([second, first], { fair: true }), group, -1, {}, fails).catch(() => undefined);
    expect(between).toBeUndefined();
    const after = await run(redisList([first, second]), group);
    expect([...before.seen, done, ...after.seen]).toEqual([0, 1, 2, 3, 4]);
  });
});
