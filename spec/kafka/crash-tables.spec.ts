import { setTimeout as wait } from 'node:timers/promises';
import { range } from '../mill/support/model.js';
import { killRemainingLives } from '../support/lives.js';
import { Random } from '../support/random.js';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary-directory.js';
import { oracle, randomSteps, type Step } from '../tables/table-oracle.js';
import { type Guarantee, guarantees } from './support/kafka-broker.js';
import { startTableLife, type TableLifeSetup } from './support/lives.js';
import { describeOnKafka, uniqueName } from './support/on-kafka.js';
import { TestCluster } from './support/topics.js';

/** The number of kills per guarantee and store; `npm run test:crash -- --kills N` sets more. */
const kills = Number(process.env.WATERMILL_KILLS ?? 2);
const isQuick = process.env.WATERMILL_KILLS === undefined;
const seed = Number(process.env.WATERMILL_SEED ?? 2_026);

jest.setTimeout(120_000 + kills * 30_000);

/** The log cleaner removes all but the last records at once; deletions are kept longer than a start reads. */
const cleanedAtOnce = {
  'cleanup.policy': 'compact',
  'segment.ms': '20',
  'min.cleanable.dirty.ratio': '0',
  'max.compaction.lag.ms': '1',
  'delete.retention.ms': '4000',
};

const cluster = new TestCluster();
let directory: TemporaryDirectory;

interface World extends TableLifeSetup {
  readonly changes: string;
  readonly lanes: readonly (readonly Step[])[];
}

async function world(guarantee: Guarantee, store: 'memory' | 'disk', lanes: World['lanes']): Promise<World> {
  const [steps, seen] = [await cluster.topic(lanes.length), await cluster.topic(lanes.length)];
  for (const [lane, list] of lanes.entries()) await cluster.write(steps, list, lane);
  await cluster.end(steps, lanes.length);
  const group = uniqueName('group');
  const changes = `${group}-Histories-changelog`;
  await cluster.makeAnew(changes, lanes.length, cleanedAtOnce);
  const pauseMs = 20 * lanes.length;
  const setup = { guarantee, store, storeFolder: directory.file(group), group, steps, seen, perCommit: 10, pauseMs };
  return { ...setup, changes, lanes };
}

/** Checks that calls saw the same as in an undisturbed run, with the same final rows. */
async function check({ guarantee, seen, changes, lanes }: World): Promise<void> {
  const records = (await cluster.readEnded(seen, lanes.length)).filter(({ isEnd }) => !isEnd);
  const kept = await cluster.read(changes);
  for (const [lane, steps] of lanes.entries()) {
    const expected = oracle(steps);
    const texts = records.filter(({ partition }) => partition === lane).map(({ value }) => value as string);
    const calls = (guarantee === 'exactly-once' ? texts : [...new Set(texts)]).map((text) => JSON.parse(text));
    if (guarantee === 'at-least-once') calls.sort((a, b) => a.at - b.at);
    expect(calls).toEqual(expected.seen);
    const rows = new Map<string, string>();
    for (const { partition, key, value } of kept) {
      if (partition !== lane) continue;
      if (value === null) rows.delete(key as string);
      else rows.set(key as string, value);
    }
    const left = [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => JSON.parse(value));
    expect(left).toEqual(expected.left);
  }
}

/** In `npm test`, each store with one guarantee. */
const cases = guarantees
  .flatMap((guarantee) => (['memory', 'disk'] as const).map((store) => [guarantee, store] as const))
  .filter(([guarantee, store]) => !isQuick || (store === 'disk') === (guarantee === 'exactly-once'));

describeOnKafka('tables of processes that are killed, on a topic that is compacted meanwhile', () => {
  beforeAll(async () => {
    directory = temporaryDirectory();
    await cluster.open();
  });
  afterEach(() => killRemainingLives());
  afterAll(async () => {
    await cluster.close();
    directory.remove();
  });

  it.each(cases)('before and after writes and commits, and at random times: %s, %s', async (guarantee, store) => {
    const random = new Random(seed);
    const begin = () => world(guarantee, store, [randomSteps(random, 300, 8)]);
    let setup = await begin();
    let [done, left] = [0, 0];
    for (let dieAt = 2; done < kills; dieAt = (dieAt % 12) + 1) {
      const byTurn = done % 2 === 0;
      const life = startTableLife(setup, byTurn ? dieAt : 0);
      const killed = byTurn ? undefined : wait(300 + random.int(1_500)).then(() => life.child.kill('SIGKILL'));
      if (await life.ended) {
        await check(setup);
        setup = await begin();
      } else {
        done++;
        await cluster.abortLeft(`${setup.group}-0`);
        left += await cluster.compacted(setup.changes);
      }
      await killed;
    }
    await startTableLife(setup).ended;
    await check(setup);
    console.info(
      `${guarantee}, ${store}: ${done} kills, the log compacted to ${Math.round(left / done)} records after each, seed ${seed}`,
    );
  });

  // A separate life takes seconds: in `npm test` one case is enough.
  it.each(isQuick ? cases.slice(0, 1) : cases)(
    'while others of the group are at work: %s, %s',
    async (guarantee, store) => {
      const random = new Random(seed);
      for (let done = 0; done < kills; ) {
        const setup = await world(
          guarantee,
          store,
          range(4).map(() => randomSteps(random, 200, 8)),
        );
        const lives = range(3).map(() => startTableLife(setup));
        for (let isOver = false; !isOver && done < kills; ) {
          const place = random.int(lives.length);
          const life = lives[place] as (typeof lives)[0];
          const killed = wait(300 + random.int(1_500)).then(() => life.child.kill('SIGKILL'));
          isOver = await life.ended;
          await killed;
          if (isOver) break;
          done++;
          lives[place] = startTableLife(setup);
          await cluster.compacted(setup.changes);
        }
        await Promise.all(lives.map(({ ended }) => ended));
        await check(setup);
      }
      console.info(`${guarantee}, ${store}: ${kills} kills among three members, seed ${seed}`);
    },
  );
});
