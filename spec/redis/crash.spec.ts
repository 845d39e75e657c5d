import { setTimeout as wait } from 'node:timers/promises';
import { range } from '../mill/support/model.js';
import { killRemainingLives, type Life } from '../support/lives.js';
import { Random } from '../support/random.js';
import { type LifeSetup, startLife } from './support/lives.js';
import { describeOnRedis, uniqueName } from './support/on-redis.js';
import { TestServer } from './support/test-server.js';

/** The number of kills of each kind; `npm run test:crash:redis -- --kills N` sets more. */
const kills = Number(process.env.WATERMILL_KILLS ?? 1);
const seed = Number(process.env.WATERMILL_SEED ?? 2_026);
const elements = 400;

jest.setTimeout(120_000 + kills * 20_000);

const server = new TestServer();

/** The suffixes of the keys of a kind, one per lane. */
function suffixesOf(kind: LifeSetup['kind']): readonly string[] {
  return kind === 'lanes' ? range(4).map((lane) => `:${lane}`) : [''];
}

async function setupOf(kind: LifeSetup['kind'], guarantee: LifeSetup['guarantee']): Promise<LifeSetup> {
  const [orders, prices, sales] = ['orders', 'prices', 'sales'].map(uniqueName) as [string, string, string];
  const all = range(elements).map((time) => ({ time, id: `o${time}` }));
  if (kind === 'list') {
    const end = '{"watermill":"end-of-stream"}';
    await server.send('RPUSH', orders, ...all.map((order) => JSON.stringify(order)), end);
  } else {
    const amounts = all.map(({ time }) => ({ time, amount: time }));
    for (const suffix of suffixesOf(kind)) {
      await server.add(`${orders}${suffix}`, all);
      await server.end(`${orders}${suffix}`);
      await server.add(`${prices}${suffix}`, amounts);
      await server.end(`${prices}${suffix}`);
    }
  }
  const times = { perCommit: 30, pauseMs: 6, maxDeliveries: 1_000 };
  return { kind, guarantee, group: uniqueName('group'), orders, prices, sales, ...times };
}

/** Checks that nothing is lost, nothing is left behind and, for exactly once, nothing is doubled. */
async function check(setup: LifeSetup): Promise<void> {
  const { kind, guarantee, orders, sales, group } = setup;
  for (const suffix of suffixesOf(kind)) {
    const amounts: number[] = (await server.values(`${sales}${suffix}`)).map(({ amount }) => amount);
    // Consumers share the messages; streams and lists keep their order.
    const found = kind === 'group' ? [...amounts].sort((a, b) => a - b) : amounts;
    if (guarantee === 'exactly-once') expect(found).toEqual(range(elements));
    expect([...new Set(found)]).toEqual(range(elements));
    expect(await server.ends(`${sales}${suffix}`)).toBe(1);
  }
  if (kind === 'group') {
    expect((await server.send('XPENDING', orders, group))[0]).toBe(0);
    expect(await server.send('XINFO', 'CONSUMERS', orders, group)).toEqual([]);
  }
  if (kind === 'list') expect(await server.send('EXISTS', orders, `watermill:${group}:taken:${orders}`)).toBe(0);
}

const guarantees = kills === 1 ? (['exactly-once'] as const) : (['exactly-once', 'at-least-once'] as const);
const cases = (['streams', 'lanes', 'group', 'list'] as const).flatMap((kind) =>
  guarantees.map((guarantee) => [kind, guarantee] as const),
);

describeOnRedis('processes that are killed', () => {
  beforeAll(() => server.open());
  afterEach(() => killRemainingLives());
  afterAll(() => server.close());

  it.each(cases)('one process, at random times: %s, %s', async (kind, guarantee) => {
    const random = new Random(seed);
    let [setup, done] = [await setupOf(kind, guarantee), 0];
    while (done < kills) {
      const life = startLife(setup);
      const killed = wait(150 + random.int(500)).then(() => life.child.kill('SIGKILL'));
      if (await life.ended) {
        await check(setup);
        setup = await setupOf(kind, guarantee);
      } else done++;
      await killed;
    }
    await startLife(setup).ended;
    await check(setup);
    console.info(`${kind}, ${guarantee}: ${done} kills of one process, seed ${seed}: 0 lost`);
  });

  it.each(cases.filter(([kind]) => kind !== 'list'))('two processes: %s, %s', async (kind, guarantee) => {
    const random = new Random(seed + 1);
    for (let done = 0; done < kills; ) {
      const setup = await setupOf(kind, guarantee);
      let names = 0;
      const start = () => startLife(setup, `consumer-${++names}`);
      const lives = [start(), start()];
      for (let isOver = false; !isOver && done < kills; ) {
        const place = random.int(lives.length);
        const life = lives[place] as Life;
        const killed = wait(150 + random.int(600)).then(() => life.child.kill('SIGKILL'));
        isOver = await life.ended;
        await killed;
        if (isOver) break;
        done++;
        lives[place] = start();
      }
      await Promise.all(lives.map(({ ended }) => ended));
      await check(setup);
    }
    console.info(`${kind}, ${guarantee}: ${kills} kills among two processes, seed ${seed + 1}: 0 lost`);
  });

  it('poison that kills the process becomes a dead letter, and nothing else does', async () => {
    const maxDeliveries = 3;
    const setup = { ...(await setupOf('group', 'exactly-once')), poison: 'o15', maxDeliveries, pauseMs: 0 };
    let deaths = 0;
    while (!(await startLife(setup).ended)) deaths++;
    expect(deaths).toBe(maxDeliveries);
    const letters = await server.values(`${setup.orders}:dead-letters`);
    expect(letters.map(({ raw }) => JSON.parse(raw).id)).toEqual(['o15']);
    const amounts = (await server.values(setup.sales)).map(({ amount }) => amount).sort((a, b) => a - b);
    expect(amounts).toEqual(range(elements).filter((time) => time !== 15));
    expect((await server.send('XPENDING', setup.orders, setup.group))[0]).toBe(0);
  });
});
