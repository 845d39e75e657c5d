import { type Broker, MemoryMessageBroker, message, processFunction, WaterMill } from 'watermill';
import { watched } from '../mill/support/watched-broker.js';
import { cases, firstSeed, repeatBy } from '../support/cases.js';
import { Random } from '../support/random.js';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary-directory.js';
import { plain } from './model.js';
import { forms, formsOnDisk, Histories, HistoriesOnDisk, oracle, randomSteps, Seen, Step } from './table-oracle.js';

let directory: TemporaryDirectory;
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(() => directory.remove());

interface Life {
  readonly elements: number;
  /** The call of the broker at which the process dies; with `after`, its commits fail after they were applied. */
  readonly dies?: number | undefined;
  readonly after?: boolean | undefined;
  readonly onDisk?: boolean | undefined;
}

/** Runs until it ends or dies. */
async function life(
  broker: Broker,
  { elements, dies = Number.POSITIVE_INFINITY, after = false, onDisk = false }: Life,
) {
  let calls = 0;
  const crash = (): void => {
    if (++calls >= dies) throw new Error('crash');
  };
  const dying = after ? failingAfterCommits(broker, crash) : watched(broker, (call) => call !== 'close' && crash());
  const process = onDisk ? formsOnDisk['a function'] : forms['a function'];
  const mill = new WaterMill({
    process,
    broker: dying,
    commitEvery: { elements },
    storeFolder: directory.file('stores'),
  });
  const outcome = await mill.run().then(
    () => 'ended',
    (error) => (String(error).includes('crash') ? 'died' : error),
  );
  if (outcome !== 'ended' && outcome !== 'died') throw outcome;
  return { outcome, left: plain(mill.table(onDisk ? HistoriesOnDisk : Histories).range()) };
}

/** A broker that reports applied commits. */
function failingAfterCommits(broker: Broker, made: () => void): Broker {
  const connect: Broker['connect'] = async (request) => {
    const connection = await broker.connect(request);
    const lanes = [...(connection.lanes() as Iterable<any>)].map((lane) =>
      Object.assign(Object.create(lane), {
        commit: async (...given: unknown[]) => {
          await lane.commit(...given);
          made();
        },
      }),
    );
    return Object.assign(Object.create(connection), { lanes: () => lanes });
  };
  return Object.assign(Object.create(broker), { connect });
}

describe('tables in a memory broker', () => {
  it('are as of the last commit, even if that failed after it was applied', async () => {
    const steps = randomSteps(new Random(11), 40);
    const expected = oracle(steps);
    for (let dies = 1; ; dies++) {
      const broker = new MemoryMessageBroker([[Step, steps]]);
      const first = await life(broker, { elements: 3, dies, after: true });
      const { left } = await life(broker, { elements: 5 });
      expect({ dies, seen: plain(broker.written(Seen)), left }).toEqual({ dies, ...expected });
      if (first.outcome === 'ended') break;
    }
  });

  it('serve runs with tables in memory, and runs with tables on disk', async () => {
    for (let seed = firstSeed(); seed < firstSeed() + cases(20); seed++) {
      const random = new Random(seed);
      const steps = randomSteps(random, 1 + random.int(30), 1 + random.int(8));
      const expected = oracle(steps);
      const broker = new MemoryMessageBroker([[Step, steps]]);
      for (let lives = 0; ; lives++) {
        const dies = lives < 8 ? 2 + random.int(20) : undefined;
        const given = { elements: 1 + random.int(4), dies, after: random.chance(0.3), onDisk: random.chance(0.5) };
        const { outcome, left } = await life(broker, given);
        if (outcome === 'died') continue;
        const found = { seen: plain(broker.written(Seen)), left };
        expect({ repeat: repeatBy(seed), ...found }).toEqual({ repeat: repeatBy(seed), ...expected });
        break;
      }
    }
  });

  it('have all rows of a table on disk, also those evicted from its cache', async () => {
    const steps = Array.from({ length: 30_000 }, (_, at) => message(Step, { at, work: 'put', key: `${at}`, to: '' }));
    const broker = new MemoryMessageBroker([[Step, steps]]);
    const process = processFunction(Step, { inject: [HistoriesOnDisk] }, ({ key }, table) => {
      table.put({ key, text: key });
    });
    const run = (on: Broker) =>
      new WaterMill({ process, broker: on, commitEvery: { elements: 1_000 }, storeFolder: directory.file('stores') });
    await expect(run(failingAfterCommits(broker, stopAfter(29))).run()).rejects.toThrow('crash');
    const mill = run(broker);
    await mill.run();
    expect([...mill.table(HistoriesOnDisk).range()]).toHaveLength(30_000);
  });

  it('stay unchanged for readers of an earlier run', async () => {
    const steps = randomSteps(new Random(3), 30);
    const broker = new MemoryMessageBroker([[Step, steps]]);
    const process = forms['a function'];
    const first = new WaterMill({
      process,
      broker: failingAfterCommits(broker, stopAfter(3)),
      commitEvery: { elements: 4 },
    });
    await expect(first.run()).rejects.toThrow('crash');
    const seen = plain(first.table(Histories).range());
    await life(broker, { elements: 5 });
    expect(plain(first.table(Histories).range())).toEqual(seen);
    expect(seen).toEqual(oracle(steps.slice(0, 12)).left);
  });
});

function stopAfter(commits: number): () => void {
  let made = 0;
  return () => {
    if (++made === commits) throw new Error('crash');
  };
}
