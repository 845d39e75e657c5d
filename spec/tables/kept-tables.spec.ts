import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import {
  type Broker,
  CustomMessageBroker,
  DirectoryMessageBroker,
  field,
  JsonFileMessageBroker,
  message,
  processFunction,
  table,
  WaterMill,
} from 'watermill';
import { RecordingLogger } from '../mill/support/recording-logger.js';
import { watched } from '../mill/support/watched-broker.js';
import { isDeep } from '../support/cases.js';
import { Random } from '../support/random.js';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary-directory.js';
import { Order, OrdersByDay, OrdersByPair, PageView, plain, Visits, VisitsByUser, view } from './model.js';
import { forms, Histories, oracle, randomSteps, Seen, Step } from './table-oracle.js';

const form = forms['a function'];

/** Runs a process that dies at the k-th call of the broker. */
async function life(broker: Broker, elements: number, dies = Number.POSITIVE_INFINITY): Promise<boolean> {
  let calls = 0;
  let isDead = false;
  const dying = watched(broker, (call) => {
    if (call === 'close' || ++calls < dies) return;
    isDead = true;
    throw new Error('crash');
  });
  await new WaterMill({ process: form, broker: dying, commitEvery: { elements } }).run().catch((error) => {
    if (!isDead) throw error;
  });
  return isDead;
}

describe('tables that are kept in files', () => {
  let directory: TemporaryDirectory;
  beforeEach(() => {
    directory = temporaryDirectory();
  });
  afterEach(() => directory.remove());

  const steps = randomSteps(new Random(11), 30);
  const expected = oracle(steps);
  const stride = isDeep() ? 1 : 9;

  it.each(['constructor', '__proto__', '..', 'a/b'])('may be called %s', async (name) => {
    const visits = table(Visits, { key: field(Visits, 'user'), name });
    writeFileSync(directory.file('views.json'), JSON.stringify([view(1, 'ann'), view(2, 'bob'), view(3, 'ann')]));
    const run = async (stopsAt: number) => {
      const process = processFunction(PageView, { inject: [visits] }, ({ user, at }, rows) => {
        rows.put({ user, count: (rows.get(user)?.count ?? 0) + 1 });
        if (at === stopsAt) mill.stop();
      });
      const entries = [[PageView, directory.file('views.json')]] as const;
      const mill = new WaterMill({ process, broker: new JsonFileMessageBroker(entries, { group: 'g' }) });
      await mill.run();
      return plain(mill.table(visits).range());
    };
    expect(await run(2)).toHaveLength(2);
    expect(await run(0)).toEqual([
      { user: 'ann', count: 2 },
      { user: 'bob', count: 1 },
    ]);
  });

  it('are next to the progress of files, and intact after a crash at any call', async () => {
    writeFileSync(directory.file('steps.json'), JSON.stringify(steps));
    for (let dies = 1; ; dies += stride) {
      const out = directory.file(`seen-${dies}.json`);
      const broker = new JsonFileMessageBroker(
        [
          [Step, directory.file('steps.json')],
          [Seen, out],
        ],
        { group: 'g' },
      );
      const isDead = await life(broker, 4, dies);
      await life(broker, 7);
      expect({ dies, seen: JSON.parse(readFileSync(out, 'utf8')) }).toEqual({ dies, seen: expected.seen });
      expect(readdirSync(`${out}.g.tables`)).toEqual(['Histories.1.changes']);
      const again = new WaterMill({ process: form, broker });
      await again.run();
      expect(plain(again.table(Histories).range())).toEqual(expected.left);
      if (!isDead) break;
    }
  });

  it('are in the progress folder of a custom broker', async () => {
    for (let dies = 1; ; dies += stride) {
      const seen: Seen[] = [];
      const broker = new CustomMessageBroker({
        sources: [[Step, steps]],
        sinks: [[Seen, (each) => void seen.push(each)]],
        progress: directory.file(`progress-${dies}`),
      });
      const isDead = await life(broker, 4, dies);
      await life(broker, 7);
      // At least once: repeated results are the same.
      const once = new Map(seen.map((each) => [each.at, each]));
      expect(new Set(seen.map(({ at, text }) => `${at} ${text}`)).size).toBe(once.size);
      expect({ dies, seen: plain([...once.values()].sort((a, b) => a.at - b.at)) }).toEqual({
        dies,
        seen: expected.seen,
      });
      if (!isDead) break;
    }
  });

  it('are in the progress folder of a directory broker, and continue with new files', async () => {
    mkdirSync(directory.file('incoming'));
    const counting = processFunction(PageView, { inject: [VisitsByUser] }, ({ user }, visits) => {
      visits.put({ user, count: (visits.get(user)?.count ?? 0) + 1 });
    });
    const counts: string[] = [];
    for (const [i, users] of ['aab', 'bc', ''].entries()) {
      const lines = [...users].map((user, at) => JSON.stringify(view(at, user)));
      if (users !== '') writeFileSync(directory.file(`incoming/${i}.ndjson`), lines.join('\n'));
      const broker = new DirectoryMessageBroker({
        sources: [[PageView, directory.file('incoming'), { end: 'when empty', settleMs: 0 }]],
        progress: directory.file('progress'),
      });
      const mill = new WaterMill({ process: counting, broker });
      await mill.run();
      counts.push([...mill.table(VisitsByUser).range()].map(({ user, count }) => user + count).join(' '));
    }
    expect(counts).toEqual(['a2 b1', 'a2 b2 c1', 'a2 b2 c1']);
  });

  it('store keys of every type, and elements as their class declares', async () => {
    const ByNumber = table(Order, { key: ({ seq }) => Number(seq) - 0.5, name: 'by number' });
    const ByTruth = table(Order, { key: ({ seq }) => seq > 1n, name: 'by truth' });
    const BySeq = table(Order, { key: field(Order, 'seq'), name: '…/seq*' });
    const all = [OrdersByDay, OrdersByPair, ByNumber, ByTruth, BySeq] as const;
    const process = processFunction(Order, { inject: all, emits: [] }, (order, ...tables) => {
      for (const each of tables) each.put(order);
      if (order.seq === 3n) tables[4].delete(2n);
    });
    const orders = [1n, 2n, 3n].map((seq) =>
      message(Order, {
        seq,
        customer: `a\t\u2028"${seq}`,
        day: new Date(Number(seq)),
        items: seq === 2n ? undefined : ['x'],
      }),
    );
    const lines = orders.map((order) => JSON.stringify({ ...order, seq: `${order.seq}` }));
    writeFileSync(directory.file('orders.json'), `[${lines.join(',')}]`);
    const run = async (): Promise<WaterMill> => {
      const mill = new WaterMill({
        process,
        broker: new JsonFileMessageBroker([[Order, directory.file('orders.json')]], { group: 'g' }),
      });
      await mill.run();
      return mill;
    };
    await run();
    const restored = await run();
    expect([...restored.table(OrdersByDay).range()]).toEqual(orders);
    expect(restored.table(OrdersByPair).get([orders[1]!.customer, 2n])).toEqual(orders[1]);
    expect(restored.table(OrdersByPair).get([orders[1]!.customer, 2n])).toBeInstanceOf(Order);
    expect([...restored.table(ByNumber).range({ from: 1 })].map(({ seq }) => seq)).toEqual([2n, 3n]);
    expect([...restored.table(ByTruth).range()].map(({ seq }) => seq)).toEqual([1n, 3n]);
    expect([...restored.table(BySeq).range()].map(({ seq }) => seq)).toEqual([1n, 3n]);
  });

  it('refuse an element that could not be read back, like a result: in its call, not in the commit', async () => {
    writeFileSync(directory.file('views.json'), JSON.stringify([view(1, 'a'), view(2, 'b'), view(3, 'a')]));
    const process = processFunction(PageView, { inject: [VisitsByUser], onError: 'skip' }, ({ user, at }, visits) => {
      visits.put({ user, count: at === 2 ? Number.NaN : at });
    });
    const logger = new RecordingLogger();
    const mill = new WaterMill({
      process,
      broker: new JsonFileMessageBroker([[PageView, directory.file('views.json')]], { group: 'g' }),
      logger,
    });
    const report = await mill.run();
    expect(report.failedCalls).toBe(1);
    expect(logger.lines.map(({ text }) => text).join('\n')).toContain(
      'An element of Visits cannot be written: field count must be a finite number, but is NaN. ' +
        'The process function put it into the table VisitsByUser for PageView at position 1',
    );
    expect(plain(mill.table(VisitsByUser).range())).toEqual([{ user: 'a', count: 3 }]);
  });

  it('are refused if they have more or fewer keys than the last commit counts', async () => {
    const step = (at: number, work: string, key: string): Step => message(Step, { at, work, key, to: key });
    const list = [step(0, 'put', 'a'), step(1, 'put', 'b'), step(2, 'delete', 'a')];
    writeFileSync(directory.file('steps.json'), JSON.stringify(list));
    const run = () => {
      const broker = new JsonFileMessageBroker(
        [
          [Step, directory.file('steps.json')],
          [Seen, directory.file('seen.json')],
        ],
        { group: 'g' },
      );
      return new WaterMill({ process: form, broker, commitEvery: { elements: 1 } }).run();
    };
    await run();
    const folder = directory.file('seen.json.g.tables');
    const place = `${folder}/${readdirSync(folder)[0]}`;
    const text = readFileSync(place, 'utf8');
    const refused = (found: number) => ({
      code: 'WM_TABLE_DAMAGED',
      message: expect.stringContaining(`the last commit counts 1 key, and the stored changes have ${found}.`),
      details: { table: 'Histories' },
    });
    writeFileSync(place, text.replace(/"a"\n$/, '"z"\n'));
    await expect(run()).rejects.toMatchObject(refused(2));
    writeFileSync(
      place,
      text.replace(/"a"\n$/, '"b"\n').replace(/^"a"[^\n]*/, (line) => `"a"${' '.repeat(line.length - 3)}`),
    );
    await expect(run()).rejects.toMatchObject(refused(0));
    writeFileSync(place, text);
    await run();
  });

  it('contain a key that was put again after it was deleted, each in a commit of its own', async () => {
    const works = ['put', 'delete', 'put', 'put', 'delete', 'put'];
    const list = works.map((work, at) => message(Step, { at, work, key: 'a', to: 'b' }));
    writeFileSync(directory.file('steps.json'), JSON.stringify(list));
    for (let run = 0; run < 2; run++) {
      const broker = new JsonFileMessageBroker(
        [
          [Step, directory.file('steps.json')],
          [Seen, directory.file('seen.json')],
        ],
        { group: 'g' },
      );
      const mill = new WaterMill({ process: form, broker, commitEvery: { elements: 1 } });
      await mill.run();
      expect(plain(mill.table(Histories).range())).toEqual([{ key: 'a', text: '5.' }]);
    }
  });

  it('are identified by name: their order among the parameters may change', async () => {
    class Last extends table(PageView, { key: field(PageView, 'at') }) {}
    writeFileSync(directory.file('views.json'), JSON.stringify([view(1, 'a'), view(2, 'a')]));
    const keep = ({ user, at }: PageView, visits: VisitsByUser, last: Last): void => {
      visits.put({ user, count: at });
      last.put({ user, at });
    };
    const process = processFunction(PageView, { inject: [VisitsByUser, Last], emits: [] }, keep);
    const turned = processFunction(PageView, { inject: [Last, VisitsByUser], emits: [] }, (view, last, visits) =>
      keep(view, visits, last),
    );
    for (const each of [process, turned]) {
      const broker = new JsonFileMessageBroker([[PageView, directory.file('views.json')]], { group: 'g' });
      const mill = new WaterMill({ process: each, broker });
      await mill.run();
      expect([mill.table(VisitsByUser).size, mill.table(Last).size]).toEqual([1, 2]);
    }
  });

  it('are restored from a commit of a version that did not count their keys', async () => {
    writeFileSync(directory.file('steps.json'), JSON.stringify(steps));
    const broker = new JsonFileMessageBroker(
      [
        [Step, directory.file('steps.json')],
        [Seen, directory.file('seen.json')],
      ],
      { group: 'g' },
    );
    const run = async () => {
      const mill = new WaterMill({ process: form, broker });
      await mill.run();
      return plain(mill.table(Histories).range());
    };
    await run();
    const place = directory.file('seen.json.g.progress.json');
    const progress = JSON.parse(readFileSync(place, 'utf8'));
    const commit = JSON.parse(progress.commit);
    const { kept } = commit.tables;
    for (const tables of [kept, { log: ['of a table on disk', 3], kept }]) {
      writeFileSync(place, JSON.stringify({ ...progress, commit: JSON.stringify({ ...commit, tables }) }));
      expect(await run()).toEqual(expected.left);
    }
  });
});
