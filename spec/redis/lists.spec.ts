import { EndOfStream, field, joinStreams, joinWith, message, Origin, processFunction, WaterMill } from 'watermill';
import { type RedisListOptions, RedisMessageBroker, redisList, redisStream } from 'watermill/redis';
import { Next, Order, range, Sale } from '../mill/support/model.js';
import { describeOnRedis, redisUrl, uniqueName } from './support/on-redis.js';
import { TestServer } from './support/test-server.js';
import { until } from './support/waits.js';

const server = new TestServer();
const url = redisUrl as string;
const end = '{"watermill":"end-of-stream"}';
const job = (i: number | string) => JSON.stringify({ time: 0, id: `${i}` });
const copy = processFunction(Order, { emits: [Sale] }, ({ id, time }) => message(Sale, { id, amount: time }));

function names() {
  return { jobs: uniqueName('jobs'), done: uniqueName('done'), group: uniqueName('g') };
}

interface Setup {
  readonly jobs: string | readonly string[];
  readonly done: string;
  readonly group?: string;
  readonly options?: RedisListOptions;
  readonly guarantee?: 'exactly-once';
}

function brokerOf({ jobs, done, options, ...rest }: Setup): RedisMessageBroker<any> {
  const entries = [
    [Order, redisList(jobs, options)],
    [Sale, redisStream(done)],
  ] as const;
  return new RedisMessageBroker({ url, ...rest, entries });
}

const idsIn = async (stream: string) => (await server.values(stream)).map(({ id }) => id);

describeOnRedis('a mill over lists of Redis', () => {
  beforeAll(() => server.open());
  afterAll(() => server.close());

  it.each([
    [{}, ['0', '1', '2', '3', '4']],
    [{ take: 'head' }, ['0', '1', '2', '3', '4']],
    [{ take: 'tail' }, ['4', '3', '2', '1', '0']],
    [{ delivery: 'at-most-once' }, ['0', '1', '2', '3', '4']],
    [{ delivery: 'at-most-once', take: 'tail' }, ['4', '3', '2', '1', '0']],
  ] as const)('takes each element once: %j', async (options, expected) => {
    const { jobs, done, group } = names();
    const isTail = 'take' in options && options.take === 'tail';
    await server.send('RPUSH', jobs, ...(isTail ? [end] : []), ...range(5).map(job), ...(isTail ? [] : [end]));
    await new WaterMill({ process: copy, broker: brokerOf({ jobs, done, group, options }) }).run();
    expect(await idsIn(done)).toEqual(expected);
    expect(await server.ends(done)).toBe(1);
    expect(await server.send('EXISTS', jobs, `watermill:${group}:taken:${jobs}`)).toBe(0);
  });

  it('writes results to either end, and a mark at the end', async () => {
    const { jobs, done } = names();
    await server.add(
      jobs,
      range(3).map((i) => ({ time: i, id: `${i}` })),
    );
    await server.end(jobs);
    const run = (put: 'head' | 'tail', key: string) =>
      new WaterMill({
        process: copy,
        broker: new RedisMessageBroker({
          url,
          entries: [
            [Order, redisStream(jobs)],
            [Sale, redisList(key, { put })],
          ],
        }),
      }).run();
    await run('tail', done);
    await run('head', `${done}h`);
    const texts = range(3).map((i) => JSON.stringify({ id: `${i}`, amount: i }));
    expect(await server.send('LRANGE', done, '0', '-1')).toEqual([...texts, end]);
    expect(await server.send('LRANGE', `${done}h`, '0', '-1')).toEqual([end, ...texts.reverse()]);
  });

  const byTime = { left: field(Next, 'time'), right: field(Order, 'time') };
  it.each([
    ['an equal key', byTime],
    ['an interval', { ...byTime, within: [-1, 1] as const }],
  ])('does not put back what was joined when the other stream ended: %s', async (_, options) => {
    const { jobs, done, group } = names();
    const next = `${jobs}:next`;
    const timed = range(3).map((time) => JSON.stringify({ time, id: `${time}` }));
    for (const json of timed) await server.send('XADD', next, '*', 'json', json);
    await server.end(next);
    await server.send('RPUSH', jobs, ...timed, end);
    const process = processFunction(joinStreams(Next, joinWith(Order, options)), { emits: [Sale] }, ({ id, time }) =>
      message(Sale, { id, amount: time }),
    );
    const entries = [
      [Next, redisStream(next)],
      [Order, redisList(jobs)],
      [Sale, redisStream(done)],
    ] as const;
    await new WaterMill({ process, broker: new RedisMessageBroker({ url, group, entries }) }).run();
    expect(await idsIn(done)).toEqual(['0', '1', '2']);
    const left: string[] = await server.send('LRANGE', jobs, '0', '-1');
    expect(left.filter((text) => text !== end)).toEqual([]);
  });

  it('takes from several lists by priority, or in turn', async () => {
    const { jobs, done } = names();
    const lists = [`${jobs}:a`, `${jobs}:b`];
    const fill = async () => {
      await server.send('RPUSH', lists[0]!, ...['a0', 'a1', 'a2'].map(job));
      await server.send('RPUSH', lists[1]!, ...['b0', 'b1', 'b2'].map(job));
    };
    const run = async (fair: boolean, results: string) => {
      await fill();
      let calls = 0;
      const process = processFunction(Order, { emits: [Sale] }, async ({ id, time }) => {
        calls++;
        // An urgent job arrives while the others are being processed.
        if (id === 'b0') await server.send('RPUSH', lists[0]!, job('urgent'));
        return calls === 7
          ? [message(Sale, { id, amount: time }), new EndOfStream()]
          : message(Sale, { id, amount: time });
      });
      await new WaterMill({ process, broker: brokerOf({ jobs: lists, done: results, options: { fair } }) }).run();
      return idsIn(results);
    };
    expect(await run(false, done)).toEqual(['a0', 'a1', 'a2', 'b0', 'urgent', 'b1', 'b2']);
    expect((await run(true, `${done}2`)).slice(0, 6)).toEqual(['a0', 'b0', 'a1', 'b1', 'a2', 'b2']);
  });

  it('waits for elements of all its lists', async () => {
    const { jobs, done } = names();
    const lists = [`${jobs}:a`, `${jobs}:b`];
    const run = new WaterMill({ process: copy, broker: brokerOf({ jobs: lists, done }) }).run();
    for (const i of range(6)) {
      await server.send('RPUSH', lists[i % 2]!, job(i));
      await until(async () => (await server.send('XLEN', done)) === i + 1);
    }
    await server.send('RPUSH', lists[1]!, end);
    await run;
    expect(await idsIn(done)).toEqual(['0', '1', '2', '3', '4', '5']);
  });

  it('keeps taken elements until the commit; those of a dead process come first, once', async () => {
    const { jobs, done, group } = names();
    await server.send('RPUSH', jobs, ...range(10).map(job));
    const failing = processFunction(Order, { emits: [Sale] }, ({ id, time }) => {
      if (id === '4') throw new Error('no');
      return message(Sale, { id, amount: time });
    });
    const open = () => brokerOf({ jobs, done, group, guarantee: 'exactly-once' });
    await expect(new WaterMill({ process: failing, broker: open() }).run()).rejects.toMatchObject({
      code: 'WM_PROCESS_FAILED',
    });
    expect(await idsIn(done)).toEqual(['0', '1', '2', '3']);
    expect(await server.send('LLEN', `watermill:${group}:taken:${jobs}`)).toBe(6);
    await server.send('LPUSH', jobs, job('first'));
    await server.send('RPUSH', jobs, end);
    await new WaterMill({ process: copy, broker: open() }).run();
    expect(await idsIn(done)).toEqual([...range(10).map(String), 'first']);
    expect(await server.send('EXISTS', jobs)).toBe(0);
  });

  it('puts back taken elements without a group', async () => {
    const { jobs, done } = names();
    await server.send('RPUSH', jobs, ...range(10).map(job));
    let calls = 0;
    const process = processFunction(Order, { emits: [Sale] }, ({ id, time }) => {
      if (++calls === 3) mill.stop();
      return message(Sale, { id, amount: time });
    });
    const mill = new WaterMill({ process, broker: brokerOf({ jobs, done }) });
    await mill.run();
    expect(await idsIn(done)).toEqual(['0', '1', '2']);
    expect((await server.send('LRANGE', jobs, '0', '-1')).map((text: string) => JSON.parse(text).id)).toEqual(
      range(7, 3).map(String),
    );
    expect(await server.send('KEYS', `watermill:*${jobs}*`)).toEqual([]);
  });

  it('has the list of an element in Origin', async () => {
    const { jobs } = names();
    await server.send('RPUSH', jobs, job(1), end);
    const keys: unknown[] = [];
    const process = processFunction(Order, { inject: [Origin] }, (_, { key }) => void keys.push(key));
    await new WaterMill({
      process,
      broker: new RedisMessageBroker({ url, entries: [[Order, redisList(jobs)]] }),
    }).run();
    expect(keys).toEqual([jobs]);
  });

  it.each([
    ['{', 'it is not JSON'],
    ['{"time":"x","id":"a"}', 'time'],
  ])('describes the fault of %s, and keeps it', async (text, reason) => {
    const { jobs, done, group } = names();
    await server.send('RPUSH', jobs, job(1), text);
    await expect(new WaterMill({ process: copy, broker: brokerOf({ jobs, done, group }) }).run()).rejects.toMatchObject(
      {
        code: 'WM_BAD_MESSAGE',
        message: expect.stringContaining(reason),
      },
    );
    expect(await server.send('LRANGE', `watermill:${group}:taken:${jobs}`, '0', '-1')).toEqual([text]);
  });

  it.each(['', ':from'])('names the own list of the group if it is of another type (%s)', async (suffix) => {
    const { jobs, done, group } = names();
    const own = `watermill:${group}:taken:${jobs}${suffix}`;
    await server.send('RPUSH', jobs, job(1), end);
    await server.send('SADD', own, 'x');
    const run = () => new WaterMill({ process: copy, broker: brokerOf({ jobs, done, group }) }).run();
    await expect(run()).rejects.toMatchObject({
      code: 'WM_REDIS_TYPE',
      message: expect.stringMatching(`^The key ${own} holds a set, expected a list\\. .* delete the key, or give`),
    });
    await server.send('DEL', own);
    await run();
    expect(await idsIn(done)).toEqual(['1']);
  });

  it('refuses a stream as a list, and at-most-once for exactly-once results', async () => {
    const { jobs, done, group } = names();
    await server.add(jobs, [{ time: 1, id: 'a' }]);
    await expect(new WaterMill({ process: copy, broker: brokerOf({ jobs, done }) }).run()).rejects.toMatchObject({
      code: 'WM_REDIS_TYPE',
    });
    const options = { delivery: 'at-most-once' } as const;
    const broker = brokerOf({ jobs: `${jobs}x`, done, group, options, guarantee: 'exactly-once' });
    await expect(new WaterMill({ process: copy, broker }).run()).rejects.toMatchObject({ code: 'WM_GUARANTEE' });
  });
});
