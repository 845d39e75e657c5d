import { setTimeout as wait } from 'node:timers/promises';
import { range } from '../mill/support/model.js';
import { Random } from '../support/random.js';
import { type Guarantee, guarantees } from './support/kafka-broker.js';
import { type LifeSetup, startLife } from './support/lives.js';
import { describeOnKafka, uniqueName } from './support/on-kafka.js';
import { TestCluster } from './support/topics.js';

/** So many kills of each kind, for each guarantee and tree; `npm run test:crash -- --kills N` asks for more. */
const kills = Number(process.env.WATERMILL_KILLS ?? 3);
const seed = Number(process.env.WATERMILL_SEED ?? 2_026);
const elements = 600;
const perCommit = 100;

jest.setTimeout(120_000 + kills * 20_000);

const cluster = new TestCluster();

async function setupOf(guarantee: Guarantee, selfJoin: boolean, partitions = 1): Promise<LifeSetup> {
  const orders = await cluster.topic(partitions);
  const prices = await cluster.topic(partitions);
  const sales = await cluster.topic(partitions);
  for (const partition of range(partitions)) {
    await cluster.write(
      orders,
      range(elements).map((time) => ({ time, id: `o${time}` })),
      partition,
    );
    await cluster.write(
      prices,
      range(elements).map((time) => ({ time, amount: time * 2 })),
      partition,
    );
  }
  await cluster.end(orders, partitions);
  await cluster.end(prices, partitions);
  return { guarantee, selfJoin, group: uniqueName('group'), perCommit, pauseMs: 2, orders, prices, sales };
}

/** The amounts of all results, in order. */
const expected = (selfJoin: boolean): number[] => range(selfJoin ? elements - 2 : elements);

/** Exactly once: equal, order included. At least once: nothing missing, and a restart repeats no more than a commit. */
function check(found: readonly number[], { guarantee, selfJoin }: LifeSetup, restarts: number): void {
  if (guarantee === 'exactly-once') expect(found).toEqual(expected(selfJoin));
  const firsts = [...new Set(found)];
  expect(firsts).toEqual(expected(selfJoin));
  // What is handed over between two commits, and what one that was not acknowledged covers.
  expect(found.length - firsts.length).toBeLessThanOrEqual(restarts * 2 * perCommit);
}

const cases = guarantees.flatMap((guarantee) => [true, false].map((selfJoin) => [guarantee, selfJoin] as const));

describeOnKafka('processes that are killed', () => {
  beforeAll(() => cluster.open());
  afterAll(() => cluster.close());

  async function results(setup: LifeSetup): Promise<number[]> {
    return (await cluster.values(setup.sales)).map(({ amount }) => amount as number);
  }

  it.each(cases)('before and after writes and commits: %s, self-join %s', async (guarantee, selfJoin) => {
    let [setup, done, restarts] = [await setupOf(guarantee, selfJoin), 0, 0];
    for (let dieAt = 1; done < kills; dieAt = (dieAt % 8) + 1) {
      if (await startLife(setup, dieAt).ended) {
        check(await results(setup), setup, restarts);
        [setup, restarts] = [await setupOf(guarantee, selfJoin), 0];
      } else {
        done++;
        restarts++;
      }
    }
    await startLife(setup).ended;
    check(await results(setup), setup, restarts);
    console.info(`${guarantee}, self-join ${selfJoin}: ${done} kills at I/O boundaries`);
  });

  it.each(cases)('at random moments: %s, self-join %s', async (guarantee, selfJoin) => {
    const random = new Random(seed);
    let [setup, done, restarts] = [await setupOf(guarantee, selfJoin), 0, 0];
    while (done < kills) {
      const life = startLife(setup);
      const killed = wait(200 + random.int(1_500)).then(() => life.child.kill('SIGKILL'));
      if (await life.ended) {
        check(await results(setup), setup, restarts);
        [setup, restarts] = [await setupOf(guarantee, selfJoin), 0];
      } else {
        done++;
        restarts++;
      }
      await killed;
    }
    await startLife(setup).ended;
    check(await results(setup), setup, restarts);
    console.info(`${guarantee}, self-join ${selfJoin}: ${done} kills at random moments, seed ${seed}`);
  });

  it('a process that was stopped for longer than its session writes nothing more of what others took over', async () => {
    const setup = await setupOf('exactly-once', false, 2);
    const zombie = startLife({ ...setup, pauseMs: 30 });
    while ((await cluster.committed(setup.group, setup.orders)).some(({ offset }) => Number(offset) <= 0))
      await wait(50);
    zombie.child.kill('SIGSTOP');
    expect((await cluster.read(setup.sales)).some(({ isEnd }) => isEnd)).toBe(false);
    const heir = startLife(setup);
    await heir.ended;
    zombie.child.kill('SIGCONT');
    await zombie.ended;
    const records = await cluster.readEnded(setup.sales, 2);
    for (const partition of [0, 1]) {
      const own = records.filter((record) => record.partition === partition);
      expect(own.filter(({ isEnd }) => isEnd)).toHaveLength(1);
      expect(own.slice(0, -1).map(({ value }) => JSON.parse(value as string).amount)).toEqual(expected(false));
    }
  });
});
