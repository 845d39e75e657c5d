import { setTimeout as wait } from 'node:timers/promises';
import { range } from '../mill/support/model.js';
import { killRemainingLives, type Life } from '../support/lives.js';
import { Random } from '../support/random.js';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary-directory.js';
import { oracle, randomSteps, type Step, seenWith } from '../tables/table-oracle.js';
import { startTableLife, type TableLifeSetup } from './support/lives.js';
import { describeOnRedis, uniqueName } from './support/on-redis.js';
import { TestServer } from './support/test-server.js';

/** The number of kills of each kind; `npm run test:crash:redis -- --kills N` sets more. */
const kills = Number(process.env.WATERMILL_KILLS ?? 1);
const isQuick = process.env.WATERMILL_KILLS === undefined;
const seed = Number(process.env.WATERMILL_SEED ?? 2_026);
const stepsPerLane = isQuick ? 200 : 600;

/** A table of many rows next to the small one. On disk it has 90 MB in total, of which a sixth is in memory. */
const loads = {
  memory: { rows: 300, perStep: 3, bytes: 100 },
  disk: isQuick ? { rows: 300, perStep: 3, bytes: 100 } : { rows: 60_000, perStep: 120, bytes: 1_500 },
};
const heapMb = 88;
/** The latest time of a kill. A start on disk reads all rows again. */
const killedWithinMs = { memory: 1_200, disk: isQuick ? 1_200 : 5_000 };

jest.setTimeout(120_000 + kills * 30_000);

const server = new TestServer();
let directory: TemporaryDirectory;

type World = TableLifeSetup & { readonly all: readonly (readonly Step[])[] };
type Case = readonly [guarantee: TableLifeSetup['guarantee'], store: TableLifeSetup['store']];

async function world([guarantee, store]: Case, all: World['all']): Promise<World> {
  const [steps, seen, group] = [uniqueName('steps'), uniqueName('seen'), uniqueName('group')];
  for (const [lane, list] of all.entries()) {
    await server.add(`${steps}:${lane}`, list);
    await server.end(`${steps}:${lane}`);
  }
  const common = {
    lanes: all.length,
    storeFolder: directory.file(group),
    load: loads[store],
    perCommit: 20,
    pauseMs: 6,
  };
  return { guarantee, store, group, steps, seen, all, ...common };
}

const start = ({ all, ...setup }: World): Life => startTableLife(setup, [`--max-old-space-size=${heapMb}`]);

/** Checks that calls saw the same as in an undisturbed run, with the same final rows, and that no owner is left. */
async function check({ guarantee, seen, group, load, all }: World): Promise<void> {
  for (const [lane, steps] of all.entries()) {
    const found = await server.values(`${seen}:${lane}`);
    const texts = found.map((value) => JSON.stringify(value));
    const calls = (guarantee === 'exactly-once' ? texts : [...new Set(texts)]).map((text) => JSON.parse(text));
    if (guarantee === 'at-least-once') calls.sort((a, b) => a.at - b.at);
    expect(calls).toEqual(seenWith(load, steps));
    expect(await server.ends(`${seen}:${lane}`)).toBe(1);
    const words: string[] = await server.send('HVALS', `watermill:${group}:table:Histories:${lane}`);
    expect(words.sort().map((text) => JSON.parse(text))).toEqual(oracle(steps).left);
    const rows = new Set(
      steps.filter(isDone).flatMap(({ at }) => range(load.perStep).map((i) => at * load.perStep + i)),
    );
    const ids = new Set([...rows].map((row) => row % load.rows));
    expect(await server.send('HLEN', `watermill:${group}:table:Loads:${lane}`)).toBe(ids.size);
    expect(await server.send('EXISTS', `watermill:${group}:owner:${lane}`)).toBe(0);
  }
}

const isDone = ({ work }: Step): boolean => !work.startsWith('fail');

/** In `npm test`, each store with one guarantee. */
const cases = (['exactly-once', 'at-least-once'] as const)
  .flatMap((guarantee) => (['memory', 'disk'] as const).map((store): Case => [guarantee, store]))
  .filter(([guarantee, store]) => !isQuick || (store === 'disk') === (guarantee === 'exactly-once'));

describeOnRedis('tables of processes that are killed', () => {
  beforeAll(async () => {
    directory = temporaryDirectory();
    await server.open();
  });
  afterEach(() => killRemainingLives());
  afterAll(async () => {
    await server.close();
    directory.remove();
  });

  it.each(cases)('one process, at random times: %s, %s', async (...one) => {
    const random = new Random(seed);
    const begin = () => world(one, [randomSteps(random, stepsPerLane, 8)]);
    let [setup, done] = [await begin(), 0];
    while (done < kills) {
      const life = start(setup);
      const killed = wait(200 + random.int(killedWithinMs[setup.store])).then(() => life.child.kill('SIGKILL'));
      if (await life.ended) {
        await check(setup);
        setup = await begin();
      } else done++;
      await killed;
    }
    await start(setup).ended;
    await check(setup);
    console.info(`tables, ${one}: ${done} kills of one process, seed ${seed}: what calls saw is equal`);
  });

  // A lane whose owner was killed is taken over by another process: in `npm test` one case is enough.
  it.each(isQuick ? cases.slice(0, 1) : cases)('two processes: %s, %s', async (...one) => {
    const random = new Random(seed + 1);
    for (let done = 0; done < kills; ) {
      const setup = await world(
        one,
        range(2).map(() => randomSteps(random, stepsPerLane, 8)),
      );
      const lives = [start(setup), start(setup)];
      for (let isOver = false; !isOver && done < kills; ) {
        const place = random.int(lives.length);
        const life = lives[place] as Life;
        const killed = wait(200 + random.int(killedWithinMs[setup.store])).then(() => life.child.kill('SIGKILL'));
        isOver = await life.ended;
        await killed;
        if (isOver) break;
        done++;
        lives[place] = start(setup);
      }
      await Promise.all(lives.map(({ ended }) => ended));
      await check(setup);
    }
    console.info(`tables, ${one}: ${kills} kills among two processes, seed ${seed + 1}: what calls saw is equal`);
  });
});
