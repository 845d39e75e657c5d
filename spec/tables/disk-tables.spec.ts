import { spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { ClassicLevel } from 'classic-level';
import {
  type Broker,
  field,
  JsonFileMessageBroker,
  MemoryMessageBroker,
  message,
  processFunction,
  table,
  WaterMill,
  type WaterMillError,
} from 'watermill';
import { OpenDatabase } from '../../lib/stores/open-database.js';
import { RecordingLogger } from '../mill/support/recording-logger.js';
import { rejection } from '../mill/support/rejection.js';
import { watched } from '../mill/support/watched-broker.js';
import { cases, firstSeed, repeatBy, stride } from '../support/cases.js';
import { Random } from '../support/random.js';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary-directory.js';
import { plain } from './model.js';
import { forms, formsOnDisk, HistoriesOnDisk, History, oracle, randomSteps, Seen, Step } from './table-oracle.js';

type Form = (typeof formsOnDisk)[keyof typeof formsOnDisk];

let directory: TemporaryDirectory;
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(async () => {
  await closeStores();
  directory.remove();
});

const stores = (): string => directory.file('stores');

/** Closes stores as if their processes were gone. */
async function closeStores(): Promise<void> {
  for (const folder of storeFolders()) await OpenDatabase.closeAt(folder);
}

function storeFolders(): string[] {
  try {
    return readdirSync(stores()).map((name) => `${stores()}/${name}`);
  } catch {
    return [];
  }
}

interface Life {
  readonly elements: number;
  readonly dies?: number | undefined;
  readonly logger?: RecordingLogger;
}

/** Runs to the end, or to the k-th call of the broker, at which the process dies. */
async function life(process: Form, broker: Broker, { elements, dies = Number.POSITIVE_INFINITY, logger }: Life) {
  let calls = 0;
  const dying = watched(broker, (call) => {
    if (call !== 'close' && ++calls >= dies) throw new Error('crash');
  });
  const options = { commitEvery: { elements }, storeFolder: stores(), ...(logger && { logger }) };
  const mill = new WaterMill({ process, broker: dying, ...options });
  const outcome = await mill.run().then(
    () => 'ended',
    (error) => (String(error).includes('crash') ? 'died' : error),
  );
  if (outcome !== 'ended' && outcome !== 'died') throw outcome;
  return { outcome, mill };
}

const leftOf = (mill: WaterMill): object[] => plain(mill.table(HistoriesOnDisk).range());

describe.each(Object.entries(formsOnDisk))('%s with a table on disk', (_, form) => {
  it('sees the rows of all earlier calls after any crash', async () => {
    for (let seed = firstSeed(); seed < firstSeed() + cases(4); seed++) {
      const random = new Random(seed);
      const steps = randomSteps(random, 1 + random.int(30), 1 + random.int(8));
      const expected = oracle(steps);
      const broker = new MemoryMessageBroker([[Step, steps]]);
      for (let lives = 0; ; lives++) {
        const dies = lives < 4 ? 2 + random.int(25) : undefined;
        const { outcome, mill } = await life(form, broker, { elements: 1 + random.int(6), dies });
        if (outcome === 'died') continue;
        const found = { seen: plain(broker.written(Seen)), left: leftOf(mill) };
        expect({ repeat: repeatBy(seed), ...found }).toEqual({ repeat: repeatBy(seed), ...expected });
        break;
      }
    }
  });
});

describe('a store on disk', () => {
  const form = formsOnDisk['a function'];
  const steps = randomSteps(new Random(11), 30);
  const expected = oracle(steps);

  function files(name = 'seen'): JsonFileMessageBroker {
    writeFileSync(directory.file('steps.json'), JSON.stringify(steps));
    return filesOf('steps.json', name);
  }

  const filesOf = (from: string, to: string) =>
    new JsonFileMessageBroker(
      [
        [Step, directory.file(from)],
        [Seen, directory.file(`${to}.json`)],
      ],
      { group: 'g', onEnded: 'continue' },
    );

  const seenIn = (name: string): object[] => JSON.parse(readFileSync(directory.file(`${name}.json`), 'utf8'));

  it('follows the commits after a crash at any call of the broker', async () => {
    for (let dies = 1; ; dies += stride(9)) {
      const broker = files(`seen-${dies}`);
      const first = await life(form, broker, { elements: 4, dies });
      const { mill } = await life(form, broker, { elements: 7 });
      expect({ dies, seen: seenIn(`seen-${dies}`), left: leftOf(mill) }).toEqual({ dies, ...expected });
      if (first.outcome === 'ended') break;
    }
  });

  it('is right in any state that is left between two runs', async () => {
    const random = new Random(3);
    const harms: Record<string, (store: string) => void> = {
      nothing: () => {},
      deleted: (store) => rmSync(store, { recursive: true }),
      emptied: (store) => {
        for (const name of readdirSync(store)) rmSync(`${store}/${name}`);
      },
      torn: (store) => {
        for (const name of readdirSync(store)) {
          if (/\.(log|ldb)$/.test(name)) truncateSync(`${store}/${name}`, random.int(60));
        }
      },
      scribbled: (store) => {
        for (const name of readdirSync(store)) writeFileSync(`${store}/${name}`, 'no store at all');
      },
      'without one of its files': (store) => rmSync(`${store}/${random.pick(readdirSync(store))}`),
      old: (store) => {
        rmSync(store, { recursive: true });
        cpSync(directory.file('old'), store, { recursive: true });
      },
    };
    for (const [name, harm] of Object.entries(harms)) {
      const broker = files(name);
      const lives: string[] = [];
      for (let k = 1; ; k++) {
        const dies = k < 3 ? 14 * k : undefined;
        const { outcome, mill } = await life(form, broker, { elements: 4, dies });
        lives.push(outcome);
        if (outcome === 'ended') {
          expect({ name, seen: seenIn(name), left: leftOf(mill) }).toEqual({ name, ...expected });
          break;
        }
        await closeStores();
        const store = storeFolders()[0] as string;
        if (k === 1) cpSync(store, directory.file('old'), { recursive: true });
        harm(store);
      }
      expect(lives).toEqual(['died', 'died', 'ended']);
      await closeStores();
      rmSync(stores(), { recursive: true });
      rmSync(directory.file('old'), { recursive: true });
    }
  });

  /** Returns the number of changes that a start has read, from its log. */
  async function changesRead(broker: Broker, options: Partial<Life> = {}): Promise<number | undefined> {
    const logger = new RecordingLogger();
    await life(form, broker, { elements: 4, logger, ...options });
    const line = logger.lines.find(({ text }) => text.includes('has restored'));
    return (line?.fields as { changes: number } | undefined)?.changes;
  }

  it('is temporary if another process has that of the lane', async () => {
    writeFileSync(directory.file('part.json'), JSON.stringify(steps.slice(0, 10)));
    await life(form, filesOf('part.json', 'seen'), { elements: 4 });
    await closeStores();
    const before = storeFolders();
    const code = `new (require('classic-level').ClassicLevel)(process.argv[1]).open().then(() => console.log('open'));`;
    const child = spawn(process.execPath, ['-e', `${code} setInterval(() => {}, 1000)`, before[0] as string]);
    try {
      await new Promise((resolve) => child.stdout.once('data', resolve));
      writeFileSync(directory.file('part.json'), JSON.stringify(steps.slice(0, 20)));
      const logger = new RecordingLogger();
      await life(form, filesOf('part.json', 'seen'), { elements: 4, logger });
      expect(seenIn('seen')).toEqual(oracle(steps.slice(0, 20)).seen);
      const warned = logger.lines.filter(({ level, text }) => level === 'warn' && text.includes('store'));
      expect(warned.map(({ text }) => text)).toEqual([
        `The store of the table Histories in ${before[0]} is still in use by another process after 2 s. Stop it, or give each ` +
          'process its own folder: the option storeFolder of the mill. Until then this lane fills a temporary one.',
      ]);
    } finally {
      child.kill('SIGKILL');
    }
    await new Promise((resolve) => child.once('exit', resolve));
    await closeStores();
    expect(storeFolders()).toEqual(before);
    writeFileSync(directory.file('part.json'), JSON.stringify(steps));
    const { mill } = await life(form, filesOf('part.json', 'seen'), { elements: 4 });
    expect({ seen: seenIn('seen'), left: leftOf(mill) }).toEqual(expected);
  });

  it('is filled with its missing rows, and no others', async () => {
    const all = steps.length;
    writeFileSync(directory.file('half.json'), JSON.stringify(steps.slice(0, 20)));
    await life(form, filesOf('half.json', 'seen'), { elements: 4 });
    const copy = (from: string, to: string): void => {
      rmSync(to, { recursive: true, force: true });
      cpSync(from, to, { recursive: true });
    };
    await closeStores();
    copy(stores(), directory.file('old'));
    // The store is complete.
    expect(await changesRead(filesOf('half.json', 'seen'))).toBe(0);
    // As left by a mill that was killed after its last commit.
    writeFileSync(directory.file('half.json'), JSON.stringify(steps.slice(0, all)));
    await life(form, filesOf('half.json', 'seen'), { elements: 100 });
    await closeStores();
    copy(directory.file('old'), stores());
    const rest = await changesRead(filesOf('half.json', 'seen'));
    await closeStores();
    rmSync(stores(), { recursive: true });
    const whole = await changesRead(filesOf('half.json', 'seen'));
    expect(rest).toBeGreaterThan(0);
    expect(rest).toBeLessThan(whole as number);
    expect(seenIn('seen')).toEqual(expected.seen);
  });

  it('is not used after its progress was deleted, even if it is further', async () => {
    await life(form, files(), { elements: 4 });
    // As if the results and the progress had been deleted, to start over.
    await closeStores();
    for (const name of readdirSync(directory.path)) {
      if (name.startsWith('seen')) rmSync(directory.file(name), { recursive: true });
    }
    const broker = files();
    const { outcome } = await life(form, broker, { elements: 4, dies: 25 });
    await closeStores();
    const { mill } = await life(form, broker, { elements: 4 });
    expect({ outcome, seen: seenIn('seen'), left: leftOf(mill) }).toEqual({ outcome: 'died', ...expected });
  });

  it('is not used for the progress of another run, even if that is further', async () => {
    const others = randomSteps(new Random(12), 30);
    writeFileSync(directory.file('steps.json'), JSON.stringify(others));
    expect((await life(form, filesOf('steps.json', 'seen'), { elements: 4, dies: 25 })).outcome).toBe('died');
    await closeStores();
    renameSync(stores(), directory.file('of-others'));
    for (const name of readdirSync(directory.path)) {
      if (name.startsWith('seen')) rmSync(directory.file(name), { recursive: true });
    }
    const broker = files();
    expect((await life(form, broker, { elements: 2, dies: 60 })).outcome).toBe('died');
    await closeStores();
    rmSync(stores(), { recursive: true });
    renameSync(directory.file('of-others'), stores());
    const { mill } = await life(form, broker, { elements: 4 });
    expect({ seen: seenIn('seen'), left: leftOf(mill) }).toEqual(expected);
  });

  it('is not used for another table of the same lane', async () => {
    class Firsts extends table(History, { key: field(History, 'key'), store: 'disk' }) {}
    class Seconds extends table(History, { key: field(History, 'key'), store: 'disk' }) {}
    const process = processFunction(Step, { inject: [Firsts, Seconds] }, ({ key }, firsts, seconds) => {
      firsts.put({ key, text: '1' });
      seconds.put({ key, text: '2' });
    });
    const broker = files();
    const run = async (): Promise<readonly string[]> => {
      const mill = new WaterMill({ process, broker, storeFolder: stores() });
      await mill.run();
      return [Firsts, Seconds].map((each) => mill.table(each).get('a')?.text as string);
    };
    expect(await run()).toEqual(['1', '2']);
    await closeStores();
    const [first, second] = storeFolders().sort() as [string, string];
    rmSync(second, { recursive: true });
    cpSync(first, second, { recursive: true });
    expect(await run()).toEqual(['1', '2']);
  });

  it('may be disabled and enabled again: the same commits serve tables in memory', async () => {
    const broker = files();
    await life(form, broker, { elements: 4, dies: 20 });
    await life(forms['a function'], broker, { elements: 4, dies: 14 });
    const { mill } = await life(form, broker, { elements: 4 });
    expect({ seen: seenIn('seen'), left: leftOf(mill) }).toEqual(expected);
  });

  it('keeps rows put by a call that the previous call read last, even if they were evicted in between', async () => {
    // Beyond 10,000 rows the least recently read ones are evicted before a call: the previous call read one of these
    // last.
    const [first, puts] = [9_900, 200];
    const steps = Array.from({ length: first + puts }, (_, at) => message(Step, { at, work: '', key: '', to: '' }));
    const lost: number[] = [];
    const process = processFunction(Step, { inject: [HistoriesOnDisk] }, ({ at }, kept) => {
      if (at >= first) {
        const key = `put ${at - first}`;
        if (kept.get(key) !== undefined) kept.put({ key, text: 'again' });
        // So the number of read rows grows faster than that of changed ones.
        for (const other of [`a ${at}`, `b ${at}`, 'put 0']) kept.has(other);
        if (kept.get(key)?.text !== 'again') lost.push(at);
      }
      if (at < puts) kept.put({ key: `put ${at}`, text: 'once' });
      else kept.get(`other ${at}`);
      if (at + 1 >= first) kept.get(`put ${at + 1 - first}`);
    });
    const broker = new MemoryMessageBroker([[Step, steps]]);
    const mill = new WaterMill({ process, broker, commitEvery: { elements: 1_000 }, storeFolder: stores() });
    await mill.run();
    const texts = [...mill.table(HistoriesOnDisk).range()].map(({ text }) => text);
    expect({ lost, texts }).toEqual({ lost: [], texts: Array.from({ length: puts }, () => 'again') });
  });

  it('can be read after the run, until another mill opens it', async () => {
    const broker = files();
    const { mill } = await life(form, broker, { elements: 4 });
    expect(leftOf(mill)).toEqual(expected.left);
    const again = await life(form, broker, { elements: 4 });
    expect(leftOf(again.mill)).toEqual(expected.left);
    expect(() => mill.table(HistoriesOnDisk).get('no such key')).toThrow(
      expect.objectContaining({ code: 'WM_TABLE_STORE', message: expect.stringContaining('with another mill') }),
    );
  });

  it('of a mill without progress lives as long as the process', async () => {
    const broker = new JsonFileMessageBroker([
      [Step, directory.file('steps.json')],
      [Seen, directory.file('seen.json')],
    ]);
    writeFileSync(directory.file('steps.json'), JSON.stringify(steps));
    for (let run = 0; run < 2; run++) {
      const { mill } = await life(form, broker, { elements: 4 });
      expect({ seen: seenIn('seen'), left: leftOf(mill) }).toEqual(expected);
    }
    expect(readdirSync(stores()).every((name) => name.startsWith(`run-${process.pid}-`))).toBe(true);
    // Left by a killed process.
    mkdirSync(`${stores()}/run-999999999-abc`);
    await life(form, broker, { elements: 4 });
    expect(readdirSync(stores())).not.toContain('run-999999999-abc');
  });
});

describe('a store on disk of an unreferenced mill', () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const steps = randomSteps(new Random(8), 12);

  /** Collects garbage until the condition holds, up to a limit. */
  async function collectUntil(isTrue: () => boolean, most = 30): Promise<void> {
    for (let turn = 0; turn < most && !isTrue(); turn++) {
      collect();
      for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
    }
  }

  it('is closed, and deleted if another run cannot use it', async () => {
    const run = async (): Promise<object[]> => {
      const broker = new MemoryMessageBroker([[Step, steps]]);
      return leftOf((await life(formsOnDisk['a function'], broker, { elements: 4 })).mill);
    };
    for (let i = 0; i < 3; i++) await run();
    await collectUntil(() => storeFolders().length === 0);
    expect(storeFolders()).toEqual([]);
    const broker = new MemoryMessageBroker([[Step, steps]]);
    const { mill } = await life(formsOnDisk['a function'], broker, { elements: 4 });
    await run();
    await collectUntil(() => storeFolders().length === 1);
    // A store that can still be read stays open.
    await collectUntil(() => false, 3);
    expect(storeFolders()).toHaveLength(1);
    expect(leftOf(mill)).toEqual(oracle(steps).left);
  });

  it('stays open while a range of it is read', async () => {
    const puts = Array.from({ length: 1_000 }, (_, at) =>
      message(Step, { at, work: 'put', key: `k${1_000 + at}`, to: 'x' }),
    );
    const put = processFunction(Step, { inject: [HistoriesOnDisk], emits: [] }, ({ key }, table) =>
      table.put({ key, text: key }),
    );
    const begin = async (): Promise<Iterator<Readonly<History>>> => {
      const broker = new MemoryMessageBroker([[Step, puts]]);
      const { mill } = await life(put as unknown as Form, broker, { elements: 100 });
      return mill.table(HistoriesOnDisk).range()[Symbol.iterator]();
    };
    let reading: Iterator<Readonly<History>> | undefined = await begin();
    const keys = [reading.next().value.key];
    await collectUntil(() => false, 5);
    expect(storeFolders()).toHaveLength(1);
    for (let next = reading.next(); !next.done; next = reading.next()) keys.push(next.value.key);
    expect(keys).toEqual(puts.map(({ key }) => key));
    reading = undefined;
    await collectUntil(() => storeFolders().length === 0);
    expect(storeFolders()).toEqual([]);
  });
});

describe('an unusable store on disk', () => {
  const form = formsOnDisk['a function'];
  const steps = randomSteps(new Random(5), 12);

  async function refused(storeFolder = stores()): Promise<WaterMillError> {
    if (!existsSync(directory.file('steps.json'))) writeFileSync(directory.file('steps.json'), JSON.stringify(steps));
    const broker = new JsonFileMessageBroker(
      [
        [Step, directory.file('steps.json')],
        [Seen, directory.file('seen.json')],
      ],
      { group: 'g', onEnded: 'continue' },
    );
    const mill = new WaterMill({ process: form, broker, storeFolder });
    return (await rejection(mill.run())) as WaterMillError;
  }

  it('reports the missing package to install', async () => {
    jest.doMock('classic-level', () => {
      throw new Error("Cannot find module 'classic-level'");
    });
    try {
      const error = await refused();
      expect(error.code).toBe('WM_TABLE_STORE');
      expect(error.message).toBe(
        "The table Histories with store: 'disk' needs the package classic-level, which cannot be loaded. Run npm install classic-level.",
      );
    } finally {
      jest.dontMock('classic-level');
    }
  });

  it('reports that its folder cannot be created, and names the option for another one', async () => {
    writeFileSync(directory.file('a file'), '');
    const error = await refused(directory.file('a file/stores'));
    expect(error.code).toBe('WM_TABLE_STORE');
    expect(error.message).toMatch(/table Histories cannot be opened in .*a file.stores.*storeFolder/);
  });

  it.each([0, '', {}])('refuses storeFolder: %j', (storeFolder) => {
    const broker = new MemoryMessageBroker([[Step, steps]]);
    expect(() => new WaterMill({ process: form, broker, storeFolder: storeFolder as string })).toThrow(
      expect.objectContaining({ code: 'WM_MILL_OPTIONS' }),
    );
  });

  it('never returns a corrupted row: it fails, and the next start fills it again', async () => {
    const keys = Array.from({ length: 40 }, (_, i) => `k${i + 10}`);
    const put = keys.map((key, at) => message(Step, { at, work: 'put', key, to: key }));
    const reading = processFunction(Step, { inject: [HistoriesOnDisk], emits: [Seen] }, ({ at, work, key }, table) => {
      if (work === 'read') return message(Seen, { at, text: table.get(key)?.text ?? '-' });
      table.put({ key, text: `${at}.` });
      return undefined;
    });
    const run = async (steps: readonly Step[]): Promise<void> => {
      writeFileSync(directory.file('steps.json'), JSON.stringify(steps));
      const broker = new JsonFileMessageBroker(
        [
          [Step, directory.file('steps.json')],
          [Seen, directory.file('seen.json')],
        ],
        { group: 'g', onEnded: 'continue' },
      );
      await new WaterMill({ process: reading, broker, storeFolder: stores() }).run();
    };
    await run(put);
    await closeStores();
    const folder = storeFolders()[0] as string;
    const level = new ClassicLevel<Uint8Array, string>(folder, { keyEncoding: 'view', valueEncoding: 'utf8' });
    for await (const [key, text] of level.iterator()) {
      // The keys that are checked at opening are valid.
      if (Buffer.from(key).toString() === 'rk49') await level.put(key, text.replace('39.', '38.'));
    }
    await level.close();
    const more = [...put, message(Step, { at: 90, work: 'read', key: 'k49', to: '' })];
    const error = (await rejection(run(more))) as WaterMillError;
    expect(error.message).toMatch(/a row is not what was written.*filled again/);
    await closeStores();
    await run(more);
    expect(JSON.parse(readFileSync(directory.file('seen.json'), 'utf8'))).toEqual([{ at: 90, text: '39.' }]);
  });
});
