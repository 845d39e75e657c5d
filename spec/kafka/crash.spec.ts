import { setTimeout as wait } from 'node:timers/promises';
import { range } from '../mill/support/model.js';
import { killRemainingLives, type Life } from '../support/lives.js';
import { Random } from '../support/random.js';
import { type Guarantee, guarantees } from './support/kafka-broker.js';
import { type LifeSetup, startLife } from './support/lives.js';
import { describeOnKafka, uniqueName } from './support/on-kafka.js';
import { TestCluster } from './support/topics.js';

/** The number of kills of each kind, per guarantee and tree; `npm run test:crash -- --kills N` sets more. */
const kills = Number(process.env.WATERMILL_KILLS ?? 2);
const isQuick = process.env.WATERMILL_KILLS === undefined;
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

/**
 * Exactly once: equal, including the order. At least once: nothing is missing, and a restart repeats no more than a
 * commit.
 */
function check(found: readonly number[], { guarantee, selfJoin }: LifeSetup, restarts: number): void {
  if (guarantee === 'exactly-once') expect(found).toEqual(expected(selfJoin));
  const firsts = [...new Set(found)];
  expect(firsts).toEqual(expected(selfJoin));
  // Results between two commits, and those of an unacknowledged commit.
  expect(found.length - firsts.length).toBeLessThanOrEqual(restarts * 2 * perCommit);
}

/** In `npm test`, each tree with one guarantee. */
const cases = guarantees
  .flatMap((guarantee) => [true, false].map((selfJoin) => [guarantee, selfJoin] as const))
  .filter(([guarantee, selfJoin]) => !isQuick || selfJoin === (guarantee === 'exactly-once'));

describeOnKafka('processes that are killed', () => {
  beforeAll(() => cluster.open());
  afterEach(() => killRemainingLives());
  afterAll(() => cluster.close());

  async function results(setup: LifeSetup): Promise<number[]> {
    return (await cluster.values(setup.sales)).map(({ amount }) => amount as number);
  }

  it.each(cases)('before and after writes and commits: %s, self-join %s', async (guarantee, selfJoin) => {
    let [setup, done, restarts] = [await setupOf(guarantee, selfJoin), 0, 0];
    // Calls skipped by one case are tried by the other.
    for (let dieAt = isQuick && !selfJoin ? 3 : 1; done < kills; dieAt = (dieAt % 8) + 1) {
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

  it.each(cases)('at random times: %s, self-join %s', async (guarantee, selfJoin) => {
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

  /** Returns a partition's results in order, as seen by a reader of committed records. */
  async function resultsByPartition(setup: LifeSetup, partitions: number): Promise<number[][]> {
    const records = await cluster.readEnded(setup.sales, partitions);
    return range(partitions).map((partition) =>
      records
        .filter((record) => record.partition === partition && !record.isEnd)
        .map(({ value }) => JSON.parse(value as string).amount),
    );
  }

  it.each(guarantees)('suspended for longer than their session, then resumed, in turn: %s', async (guarantee) => {
    const random = new Random(seed);
    for (let done = 0; done < kills; ) {
      const setup = { ...(await setupOf(guarantee, random.chance(0.5), 2)), pauseMs: 40 };
      const lives = [startLife(setup), startLife(setup)];
      const over = Promise.all(lives.map(({ ended }) => ended));
      let [stops, isOver] = [0, false];
      over.then(
        () => (isOver = true),
        () => (isOver = true),
      );
      for (; !isOver && done < kills; done++, stops++) {
        await wait(random.int(1_000));
        const { child } = lives[done % 2] as Life;
        child.kill('SIGSTOP');
        while (!isOver && (await cluster.memberCount(setup.group)) > 1) await wait(50);
        await wait(random.int(500));
        child.kill('SIGCONT');
      }
      await over;
      for (const found of await resultsByPartition(setup, 2)) check(found, setup, stops);
    }
    console.info(`${guarantee}: ${kills} stopped for longer than their session, seed ${seed}`);
  });

  it.each(guarantees)('while other members of the group run: %s', async (guarantee) => {
    const random = new Random(seed);
    const partitions = 4;
    for (let done = 0; done < kills; ) {
      const setup = { ...(await setupOf(guarantee, random.chance(0.5), partitions)), pauseMs: 20 };
      const lives = range(3).map(() => startLife(setup));
      let deaths = 0;
      for (let isOver = false; !isOver && done < kills; ) {
        const place = random.int(lives.length);
        const life = lives[place] as Life;
        const killed = wait(random.int(1_500)).then(() => life.child.kill('SIGKILL'));
        isOver = await life.ended;
        await killed;
        if (isOver) break;
        done++;
        deaths++;
        lives[place] = startLife(setup);
      }
      await Promise.all(lives.map(({ ended }) => ended));
      for (const found of await resultsByPartition(setup, partitions)) check(found, setup, deaths);
    }
    console.info(`${guarantee}: ${kills} kills among three members, seed ${seed}`);
  });
});
