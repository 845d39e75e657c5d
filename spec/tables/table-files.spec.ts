import { existsSync, promises as fs, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { field, JsonFileMessageBroker, processFunction, table, WaterMill } from 'watermill';
import type { Json } from '../../lib/base/json.js';
import type { KeptChange } from '../../lib/brokers/kept-tables.js';
import { TableFiles } from '../../lib/brokers/table-files/table-files.js';
import { CrashingFileSystem } from '../brokers/json-file/crashing-file-system.js';
import { isDeep } from '../support/cases.js';
import { Random } from '../support/random.js';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary-directory.js';
import { PageView, Visits } from './model.js';

const requests = [
  { name: 'one', message: Visits },
  { name: 'a/b.c', message: Visits },
];

/** The commit of a mill: the number of done steps, and the mark of the tables. */
interface Commit {
  readonly done: number;
  readonly tables: Json;
}

/** Returns the state after steps 0 to `done`, per table. */
function stateAfter(done: number, seed: number): Map<string, string>[] {
  const state = requests.map(() => new Map<string, string>());
  for (let step = 0; step < done; step++)
    for (const [table, change] of changesOf(step, seed)) apply(state[table]!, change);
  return state;
}

function apply(state: Map<string, string>, { key, value }: KeptChange): void {
  if (value === undefined) state.delete(key as string);
  else state.set(key as string, value as string);
}

/** Returns the changes of a step: some keys, each at most once. */
function changesOf(step: number, seed: number): [table: number, change: KeptChange][] {
  const random = new Random(seed * 1_000 + step);
  const keys = new Set(Array.from({ length: random.int(5) }, () => `${random.int(2)}\t${random.int(6)} \u2028\n`));
  return [...keys].map((key) => {
    const value = random.chance(0.3) ? undefined : JSON.stringify(`${step} \u2028 ${'x'.repeat(random.int(40))}`);
    return [Number(key[0]), { key, value }];
  });
}

/** Enough for each file to be started over. */
const steps = isDeep() ? 24 : 9;

/** Runs a process: opens, compares with the expected state, and continues to the end, with a commit per step. */
async function live(directory: TemporaryDirectory, seed: number): Promise<void> {
  const file = directory.file('commit.json');
  const commit: Commit | undefined = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
  const confirm = async (): Promise<void> => {};
  const tables = await TableFiles.open(directory.file('tables'), requests, commit?.tables, {
    confirm,
    leastChanges: 6,
  });
  const state = requests.map(() => new Map<string, string>());
  for (const [table, map] of state.entries()) {
    const left: number[] = [];
    let read = 0;
    const take = (change: KeptChange): void => {
      apply(map, change);
      read++;
    };
    await tables.read(table, take, (changes) => left.push(changes));
    // Small files are read at once.
    expect(left).toEqual(read > 0 ? [read] : []);
  }
  expect(state).toEqual(stateAfter(commit?.done ?? 0, seed));
  for (let step = commit?.done ?? 0; step < steps; step++) {
    const changes = changesOf(step, seed);
    for (const [table, change] of changes) apply(state[table]!, change);
    for (const [table, map] of state.entries()) {
      const own = changes.filter(([each]) => each === table).map(([, change]) => change);
      const whole = { size: map.size, changes: () => [...map].map(([key, value]) => ({ key, value })) };
      if (own.length > 0) await tables.write(table, own, whole);
    }
    const text = JSON.stringify({ done: step + 1, tables: await tables.flush() });
    await fs.writeFile(`${file}.new`, text);
    await fs.rename(`${file}.new`, file);
    await tables.committed();
  }
  await tables.close();
}

describe('tables in files', () => {
  let directory: TemporaryDirectory;
  beforeEach(() => {
    directory = temporaryDirectory();
  });
  afterEach(() => directory.remove());

  const begin = (): void => {
    rmSync(directory.file('tables'), { recursive: true, force: true });
    rmSync(directory.file('commit.json'), { force: true });
  };

  it.each(isDeep() ? [1, 2, 3, 4, 5] : [3])(
    'are what the last commit left, whatever call of the file system is the last (seed %d)',
    async (seed) => {
      for (let dieAt = 1; ; dieAt++) {
        begin();
        const system = new CrashingFileSystem(dieAt);
        await live(directory, seed).catch((error) => {
          if (!system.died) throw error;
        });
        await system.restore();
        await live(directory, seed);
        if (!system.died) break;
      }
    },
  );

  it('are synced, including their names, before the commit, and deleted after it', async () => {
    const log: string[] = [];
    const open = fs.open;
    const spies = (['rename', 'unlink'] as const).map((name) => {
      const real = fs[name] as (...args: unknown[]) => Promise<void>;
      return jest.spyOn(fs, name).mockImplementation(async (...args: unknown[]) => {
        log.push(`${name} ${args.at(-1)}`);
        return real(...args);
      });
    });
    const opening = jest.spyOn(fs, 'open').mockImplementation(async (place, flags, mode) => {
      const handle = await open(place, flags, mode);
      if (flags === 'wx+') log.push(`create ${place}`);
      return new Proxy(handle, {
        get: (target, name: 'write' | 'datasync' | 'sync') => {
          const member: unknown = target[name];
          if (typeof member !== 'function') return member;
          return (...args: unknown[]) => {
            if (['write', 'datasync', 'sync'].includes(name)) log.push(`${name} ${place}`);
            return Reflect.apply(member, target, args);
          };
        },
      });
    });
    await live(directory, 3);
    for (const spy of [...spies, opening]) spy.mockRestore();
    const folder = directory.file('tables');
    const unsafe = new Set<string>();
    const created = new Set<string>();
    let isCommitted = false;
    let deleted = 0;
    for (const entry of log) {
      const [what, place] = entry.split(' ') as [string, string];
      if (what === 'create' && place.startsWith(folder)) unsafe.add(folder);
      if (what === 'create') created.add(place);
      if (what === 'write') unsafe.add(place);
      if (what === 'write') isCommitted = false;
      if (what === 'datasync' || what === 'sync') unsafe.delete(place);
      if (what === 'rename') expect([...unsafe]).toEqual([]);
      if (what === 'rename') isCommitted = true;
      if (what !== 'unlink' || !created.has(place)) continue;
      deleted++;
      expect(isCommitted).toBe(true);
    }
    expect(log.filter((entry) => entry.startsWith('rename')).length).toBe(steps);
    expect(deleted).toBeGreaterThan(0);
  });

  it('keep few files, with no more rows than there are', async () => {
    await live(directory, 4);
    const names = readdirSync(directory.file('tables'));
    expect(names.map((name) => name.replace(/\.\d+\./, '.n.')).sort()).toEqual([
      'a%2Fb%2Ec.n.changes',
      'one.n.changes',
    ]);
    for (const name of names) {
      expect(name).not.toContain('.1.');
      const lines = readFileSync(directory.file(`tables/${name}`), 'utf8').split('\n').length - 1;
      expect(lines).toBeLessThan(20);
    }
  });

  it('are truncated to the size in the commit, so that the data of dead runs never accumulates', async () => {
    await live(directory, 4);
    const [name] = readdirSync(directory.file('tables'));
    const place = directory.file(`tables/${name}`);
    const text = readFileSync(place, 'utf8');
    writeFileSync(place, `${text}"k"\t"of a run that died"\n`);
    await live(directory, 4);
    expect(readFileSync(place, 'utf8')).toBe(text);
  });

  it('are read in chunks, with any content at their borders; the remaining rows are reported before each', async () => {
    const confirm = async (): Promise<void> => {};
    const open = (mark?: Json) => TableFiles.open(directory.file('tables'), requests, mark, { confirm });
    const changes = Array.from({ length: 40 }, (_, i) => ({
      key: `k${i}`,
      value: JSON.stringify(`${i}${'äöü€😀'.repeat(3_000)}${'x'.repeat(i)}`),
    }));
    const first = await open();
    await first.write(0, changes, { size: changes.length, changes: () => changes });
    const mark = await first.flush();
    await first.close();
    const again = await open(mark);
    const found: KeptChange[] = [];
    const left: [left: number, read: number][] = [];
    await again.read(
      0,
      (change) => void found.push(change),
      (count) => left.push([count, found.length]),
    );
    await again.close();
    expect(found).toEqual(changes);
    // Reported before each chunk.
    expect(left.length).toBeGreaterThan(2);
    for (const [count, read] of left) expect(count).toBe(changes.length - read);
  });

  it('are refused if they are not those of the commit', async () => {
    await live(directory, 5);
    const { tables } = JSON.parse(readFileSync(directory.file('commit.json'), 'utf8'));
    const [name] = readdirSync(directory.file('tables')).filter((each) => each.startsWith('one'));
    const place = directory.file(`tables/${name}`);
    const text = readFileSync(place, 'utf8');
    const problem = async (): Promise<unknown> => {
      try {
        const opened = await TableFiles.open(directory.file('tables'), requests, tables, { confirm: async () => {} });
        await opened.read(0, () => {}).finally(() => opened.close());
      } catch (error) {
        return error;
      }
      return undefined;
    };
    writeFileSync(place, text.slice(1));
    expect(await problem()).toMatchObject({
      code: 'WM_TABLE_DAMAGED',
      message: expect.stringContaining('the last commit counts'),
    });
    writeFileSync(place, `x${text.slice(1)}`);
    expect(await problem()).toMatchObject({
      code: 'WM_TABLE_DAMAGED',
      message: expect.stringContaining('line 1 is not a change'),
    });
    rmSync(place);
    expect(await problem()).toMatchObject({ code: 'WM_TABLE_DAMAGED', message: expect.stringContaining('it is gone') });
    rmSync(directory.file('tables'), { recursive: true });
    expect(await problem()).toMatchObject({ code: 'WM_TABLE_DAMAGED', message: expect.stringContaining('it is gone') });
  });

  it('report if they cannot be stored', async () => {
    writeFileSync(directory.file('tables'), 'a file');
    await expect(live(directory, 1)).rejects.toMatchObject({
      code: 'WM_OUTPUT_FAILED',
      message: expect.stringContaining(`Tables cannot be kept in ${directory.file('tables')}`),
    });
  });

  it('may have any names, also those that occur in a commit', async () => {
    class Log extends table(Visits, { key: field(Visits, 'user'), name: 'log' }) {}
    class Kept extends table(Visits, { key: field(Visits, 'user'), name: 'kept' }) {}
    const process = processFunction(PageView, { inject: [Log, Kept] }, ({ user }, log, kept) => {
      for (const each of [log, kept]) each.put({ user, count: (each.get(user)?.count ?? 0) + 1 });
    });
    const file = directory.file('views.json');
    for (let run = 1; run <= 3; run++) {
      const views = Array.from({ length: run }, (_, at) => ({ at, user: 'a' }));
      writeFileSync(file, JSON.stringify(views));
      const broker = new JsonFileMessageBroker([[PageView, file]], { group: 'g', onEnded: 'continue' });
      const mill = new WaterMill({ process, broker });
      await mill.run();
      expect([Log, Kept].map((each) => mill.table(each).get('a')?.count)).toEqual([run, run]);
    }
  });
});
