import { cpSync, existsSync, readdirSync, rmSync } from 'node:fs';
import { message, processFunction, WaterMill } from 'watermill';
import { DiskStore } from '../../lib/stores/disk-store.js';
import { OpenDatabase } from '../../lib/stores/open-database.js';
import { cases, checkCases, shareOfCases, stride } from '../support/cases.js';
import { type Disturbance, disturbed, randomDisturbance } from '../support/disturbed-runs.js';
import { PartitionedBroker, PartitionedStreams } from '../support/partitioned-broker.js';
import { Random } from '../support/random.js';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary-directory.js';
import {
  Child,
  LateMaster,
  Master,
  randomChildren,
  randomJoinedTable,
  randomMasters,
  Seen,
  type TableCall,
} from './joined-model.js';
import { formsOnDisk, HistoriesOnDisk, oracle, Step } from './table-oracle.js';

let directory: TemporaryDirectory;
beforeAll(() => {
  directory = temporaryDirectory();
});
afterAll(() => directory.remove());
afterEach(() => jest.restoreAllMocks());

const plain = (rows: Iterable<object>): string => JSON.stringify([...rows].map((row) => ({ ...row })));

/** Waits for some turns of the event loop. */
async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
}

/** The stores in a folder, as if their process were gone. */
async function closedStores(folder: string): Promise<void> {
  for (const name of existsSync(folder) ? readdirSync(folder) : []) await OpenDatabase.closeAt(`${folder}/${name}`);
}

/** Every write of a store is an event, and takes some turns of the event loop. */
function writesAre(event: () => void, slow: () => number): void {
  const { write } = DiskStore.prototype;
  jest.spyOn(DiskStore.prototype, 'write').mockImplementation(async function (this: DiskStore, ...args) {
    await turns(slow());
    event();
    await write.apply(this, args);
    await turns(slow());
  });
}

/** Runs in which processes die between any two writes of the store and the broker, and in which one of them fails. */
async function check(seed: number, given?: readonly Disturbance[]): Promise<number> {
  const random = new Random(seed);
  const one = randomJoinedTable(random);
  const [masters, children] = [randomMasters(random, one.jitter), randomChildren(random)];
  const streamsOf = () =>
    new PartitionedStreams([
      [Master, [masters]],
      [Child, [children]],
    ]);
  const calls: TableCall[] = [];
  const reference = streamsOf();
  const { ended } = await new WaterMill({
    process: one.calling(calls),
    broker: new PartitionedBroker(reference),
    inputs: one.inputs,
  }).run();
  const { seen, states } = one.expected(calls);
  const streams = streamsOf();
  const slowness = random.int(4);
  const slow = (): number => random.int(slowness + 1);
  const broker = new PartitionedBroker(streams, {
    batchSize: 1 + random.int(6),
    leastChanges: random.pick([1, 8, 1_000]),
    committing: () => turns(slow()),
  });
  const storeFolder = directory.file(`${seed}`);
  const old = directory.file(`${seed}-old`);
  const disturbances = given ?? Array.from({ length: random.int(5) }, () => randomDisturbance(random, 70));
  const hasBackup = random.chance(0.5);
  const hasOldStore = random.chance(0.5);
  let restore: (() => void) | undefined;
  let most = 0;
  for (let life = 0; ; life++) {
    const table = one.tableOf(given !== undefined || random.chance(0.8) ? 'disk' : 'memory');
    let mill!: WaterMill;
    let fails = random.chance(0.2) ? 1 + random.int(6) : 0;
    const { outcome, calls } = await disturbed(disturbances[life] ?? { what: 'nothing', at: 0 }, (wrap, event) => {
      jest.restoreAllMocks();
      writesAre(() => {
        event();
        if (--fails === 0) throw new Error('crash');
      }, slow);
      const commitEvery = { elements: 1 + random.int(6) };
      mill = new WaterMill({
        process: one.make(table, () => {}),
        broker: wrap(broker),
        inputs: one.inputs,
        commitEvery,
        storeFolder,
      });
      return mill;
    }).catch((error) => {
      if (!String(error).includes('crash')) throw error;
      return { outcome: 'crashed', calls: 0 };
    });
    most = Math.max(most, calls);
    const rows = outcome === 'crashed' ? undefined : plain(mill.table(table).range());
    if (rows !== undefined && !states.includes(rows))
      throw new Error(`the table is as after none of the calls: ${rows}`);
    if (outcome === 'ended') {
      const about = { text: one.text, disturbances };
      const [late = [], expectedLate = []] = [streams, reference].map((each) => each.written(LateMaster)[0] ?? []);
      // How much of what lies past an early end is read depends on the batches.
      const known = ended === 'no further match' ? Math.min(late.length, expectedLate.length) : undefined;
      expect({
        ...about,
        seen: streams.written(Seen)[0]?.map(({ text }) => text),
        late: late.slice(0, known),
        rows,
      }).toEqual({ ...about, seen, late: expectedLate.slice(0, known), rows: states.at(-1) });
      break;
    }
    if (random.chance(0.3)) streams.compact();
    if (hasBackup && random.chance(0.5)) {
      restore?.();
      restore = restore === undefined ? streams.backup() : undefined;
    }
    // The store of an earlier time.
    if (hasOldStore && random.chance(0.5)) {
      await closedStores(storeFolder);
      if (existsSync(old)) {
        rmSync(storeFolder, { recursive: true, force: true });
        cpSync(old, storeFolder, { recursive: true });
      } else if (existsSync(storeFolder)) cpSync(storeFolder, old, { recursive: true });
    }
  }
  await closedStores(storeFolder);
  for (const each of [storeFolder, old]) rmSync(each, { recursive: true, force: true });
  return most;
}

it('a table on disk is that of plain code, whatever fails or dies between the writes of store and broker', async () => {
  await checkCases(cases(80), (seed) => check(seed));
}, 600_000);

it('the same after a crash at any write of the store and any call of the broker', async () => {
  await checkCases(shareOfCases(1, 60), async (seed) => {
    let most = 1;
    for (let at = 1; at <= most; at += stride(2)) most = Math.max(most, await check(seed, [{ what: 'crash', at }]));
  });
}, 600_000);

it('a store lacks no rows of a write that failed while the next commit was in progress', async () => {
  const steps = ['a', 'b', 'c'].map((key, at) => message(Step, { at, work: 'put', key, to: key }));
  const streams = new PartitionedStreams([[Step, [steps]]]);
  const storeFolder = directory.file('failed-write');
  const millOf = (committing: () => Promise<void>) =>
    new WaterMill({
      process: formsOnDisk['a function'],
      broker: new PartitionedBroker(streams, { committing }),
      commitEvery: { elements: 1 },
      storeFolder,
    });
  let commits = 0;
  let writes = 0;
  const { write } = DiskStore.prototype;
  jest.spyOn(DiskStore.prototype, 'write').mockImplementation(async function (this: DiskStore, ...args) {
    // The second commit begins in the meantime, and ends later.
    while (commits === 1) await turns(1);
    if (++writes === 1) throw new Error('no space');
    await write.apply(this, args);
  });
  const failing = millOf(async () => {
    if (++commits === 2) while (writes === 0) await turns(1);
  });
  await expect(failing.run()).rejects.toThrow('no space');
  const mill = millOf(async () => {});
  await mill.run();
  const left = [...mill.table(HistoriesOnDisk).range()].map(({ key, text }) => ({ key, text }));
  expect(left).toEqual(oracle(steps).left);
});

it('a store is filled again beside a commit of a version that did not name runs', async () => {
  const steps = ['a', 'b', 'c'].map((key, at) => message(Step, { at, work: 'put', key, to: key }));
  const streams = new PartitionedStreams([[Step, [steps]]]);
  const run = async (until?: string): Promise<string[]> => {
    const process = processFunction(Step, { inject: [HistoriesOnDisk] }, ({ key }, histories) => {
      if (key === until) throw new Error('crash');
      histories.put({ key, text: '' });
    });
    const storeFolder = directory.file('unnamed');
    const mill = new WaterMill({ process, broker: new PartitionedBroker(streams), storeFolder });
    await mill.run().catch((error) => expect(String(error)).toContain('crash'));
    return [...mill.table(HistoriesOnDisk).range()].map(({ key }) => key);
  };
  await run('c');
  const progress = streams.progressOf('g', '0');
  const commit = JSON.parse(progress.text as string);
  progress.text = JSON.stringify({ ...commit, tables: { ...commit.tables, log: ['0123456789ab', 1] } });
  expect(await run()).toEqual(['a', 'b', 'c']);
});

it('a store with commits that were undone by restoring a backup of the progress is filled again', async () => {
  const steps = 'abcdef'.split('').map((key, at) => message(Step, { at, work: 'put', key, to: key }));
  const streams = new PartitionedStreams([[Step, [steps]]]);
  const [storeFolder, old] = [directory.file('undone'), directory.file('undone-old')];
  let restore: (() => void) | undefined;
  /** A run that ends before the step of this key, with its number in the rows. */
  const run = async (number: number, until: string, folder = storeFolder): Promise<string[]> => {
    const process = processFunction(Step, { inject: [HistoriesOnDisk] }, ({ key }, histories) => {
      if (key === 'c') restore ??= streams.backup();
      if (key === until) throw new Error('crash');
      histories.put({ key, text: `${number}` });
    });
    const broker = new PartitionedBroker(streams);
    const mill = new WaterMill({ process, broker, commitEvery: { elements: 1 }, storeFolder: folder });
    await mill.run().catch((error) => expect(String(error)).toContain('crash'));
    const rows = [...mill.table(HistoriesOnDisk).range()].map(({ key, text }) => `${key} in ${text}`);
    await closedStores(folder);
    return rows;
  };
  await run(1, 'd');
  cpSync(storeFolder, old, { recursive: true });
  restore?.();
  await run(2, 'f');
  expect(await run(3, 'none', old)).toEqual(['a in 1', 'b in 1', 'c in 2', 'd in 2', 'e in 2', 'f in 3']);
});
