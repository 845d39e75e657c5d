import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ClassicLevel } from 'classic-level';
import {
  Field,
  field,
  foldWindow,
  JsonFileMessageBroker,
  joinStreams,
  joinWith,
  MemoryMessageBroker,
  Message,
  message,
  processFunction,
  table,
  tumblingWindow,
  WaterMill,
} from 'watermill';
import { Heap } from '../../lib/base/heap.js';
import { OpenDatabase } from '../../lib/stores/open-database.js';
import { rowsOf } from '../../lib/tables/table.js';
import { Random } from '../support/random.js';
import { refusal } from '../support/refusal.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { PageView, plain, Visits, view } from './model.js';

@Message()
class Last {
  @Field() user!: string;
  @Field() at!: number;
}

@Message()
class Saw {
  @Field() at!: number;
  @Field() text!: string;
}

@Message()
class Sign {
  @Field() on!: Date;
}

const expires = { after: 10, by: field(Last, 'at') };
class Recent extends table(Last, { key: field(Last, 'user'), expires }) {}
class RecentOnDisk extends table(Last, { key: field(Last, 'user'), expires, store: 'disk' }) {}

const inOrder = [[PageView, { order: { slack: 0, by: field(PageView, 'at') } }]] as const;

const processWith = (table: typeof Recent) =>
  processFunction(PageView, { inject: [table], emits: [Saw], onError: 'skip' }, ({ user, at }, recent) => {
    const text = [...recent.range()].map((last) => `${last.user}${last.at}`).join(' ');
    const has = `${recent.size} ${recent.get(user)?.at ?? '-'}`;
    recent.put({ user, at });
    if (user === 'x') throw new Error('not this one');
    return message(Saw, { at, text: `${text} (${has})` });
  });

it('holds only the last of many changes of a key while a table is restored', () => {
  const rows = rowsOf(new Recent());
  const add = jest.spyOn(Heap.prototype, 'add');
  let most = 0;
  for (let at = 0; at < 20_000; at++) {
    rows.restore(at % 3 === 0 ? 'ann' : 'bob', message(Last, { user: at % 3 === 0 ? 'ann' : 'bob', at }));
    most = Math.max(most, (add.mock.contexts.at(-1) as Heap<unknown>).size);
  }
  add.mockRestore();
  expect(most).toBeLessThan(2_000);
  rows.bind(undefined);
  rows.expire(20_009);
  expect(rows.size).toBe(1);
});

function expectedOf(views: readonly PageView[]): string[] {
  const map = new Map<string, number>();
  return views.flatMap(({ user, at }) => {
    for (const [each, last] of map) if (last + 10 < at) map.delete(each);
    const text = [...map]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([each, last]) => `${each}${last}`)
      .join(' ');
    const has = `${map.size} ${map.get(user) ?? '-'}`;
    if (user === 'x') return [];
    map.set(user, at);
    return [`${text} (${has})`];
  });
}

describe('a table whose elements expire', () => {
  it.each([
    ['in memory', Recent, 40],
    ['on disk', RecentOnDisk, 6],
  ])(
    '%s has them until the key of the master is beyond, whatever is put again, fails, and restarts',
    async (_, table, most) => {
      const directory = temporaryDirectory();
      const process = processWith(table);
      for (let seed = 1; seed <= most; seed++) {
        const random = new Random(seed);
        let at = 0;
        const views = Array.from({ length: 60 }, () => {
          at += random.int(6);
          return view(at, random.pick([...'aaabbcdefx']));
        });
        const broker = new MemoryMessageBroker([[PageView, views]]);
        for (let run = 0; run < 3; run++) {
          const elements = 1 + random.int(9);
          const options = { inputs: inOrder, commitEvery: { elements }, storeFolder: directory.path };
          const mill: WaterMill<any> = new WaterMill({ process, broker, ...options });
          const report = mill.run();
          // The run is stopped somewhere, and the next one continues.
          if (run < 2) for (let i = random.int(60); i > 0; i--) await null;
          if (run < 2) await mill.stop();
          await report;
        }
        expect({ seed, seen: broker.written(Saw).map(({ text }) => text) }).toEqual({ seed, seen: expectedOf(views) });
      }
      directory.remove();
    },
  );

  it('on disk: many that expire one after the other, and all at once', async () => {
    const directory = temporaryDirectory();
    const after = 12_000;
    const expires = { after, by: field(Last, 'at') };
    class Many extends table(Last, { key: field(Last, 'user'), expires, store: 'disk' }) {}
    const sizes: unknown[] = [];
    const process = processFunction(PageView, { inject: [Many] }, ({ user, at }, many) => {
      many.put({ user, at });
      if (at % 1_000 === 0) sizes.push([at, many.size, [...many.range({ limit: 2 })].length]);
    });
    // Each key occurs again once, before it expires.
    const views = Array.from({ length: 16_000 }, (_, at) => view(at, `u${at % 14_000 < 6_000 ? at % 6_000 : at}`));
    const last = 40_000;
    const broker = new MemoryMessageBroker([[PageView, [...views, view(last, 'late'), view(last + after + 1, 'x')]]]);
    const options = { inputs: inOrder, commitEvery: { elements: 1_500 }, storeFolder: directory.path };
    const mill = new WaterMill({ process, broker, ...options });
    await mill.run();
    const map = new Map<string, number>();
    const expected: unknown[] = [];
    for (const { user, at } of [...views, view(last, 'late')]) {
      // In the order of their times, since a repeated key moves to the end.
      for (const [each, until] of map) {
        if (until + after >= at) break;
        map.delete(each);
      }
      map.delete(user);
      map.set(user, at);
      if (at % 1_000 === 0) expected.push([at, map.size, Math.min(2, map.size)]);
    }
    expect(sizes).toEqual(expected);
    expect(plain(mill.table(Many).range())).toEqual([{ user: 'x', at: last + after + 1 }]);
    directory.remove();
  });

  it('on disk: including the row that the previous call read last, among more than are cached', async () => {
    const directory = temporaryDirectory();
    class Many extends table(Last, { key: field(Last, 'user'), expires, store: 'disk' }) {}
    const others = Array.from({ length: 10_500 }, (_, i) => `u${i}`);
    const seen: unknown[] = [];
    const process = processFunction(PageView, { inject: [Many], emits: [] }, ({ at }, many) => {
      if (at === 0) {
        many.put({ user: 'first', at });
        for (const user of others) many.put({ user, at: 5 });
      }
      if (at === 1) {
        // Among the rows read here, this one is evicted first.
        for (const user of ['first', ...others, 'first']) many.get(user);
      }
      seen.push([at, many.size, many.get('first')?.at]);
      if (at === 11) many.put({ user: 'first', at });
    });
    const broker = new MemoryMessageBroker([[PageView, [0, 1, 11, 12].map((at) => view(at, 'a'))]]);
    const options = { inputs: inOrder, commitEvery: { elements: 1 }, storeFolder: directory.path };
    await new WaterMill({ process, broker, ...options }).run();
    expect(seen).toEqual([
      [0, 10_501, 0],
      [1, 10_501, 0],
      [11, 10_500, undefined],
      [12, 10_501, 11],
    ]);
    directory.remove();
  });

  it('on disk: stores the times of its rows, and of no former rows', async () => {
    const directory = temporaryDirectory();
    const Later = table(Last, { key: field(Last, 'user'), expires, store: 'disk', name: 'Later' });
    const process = processFunction(PageView, { inject: [Later] }, ({ user, at }, later) => later.put({ user, at }));
    const views = Array.from({ length: 40 }, (_, at) => view(at / 100, at % 2 === 0 ? 'a' : 'b'));
    writeFileSync(directory.file('views.json'), JSON.stringify(views));
    const broker = new JsonFileMessageBroker([[PageView, directory.file('views.json')]], { group: 'times' });
    const storeFolder = directory.file('stores');
    await new WaterMill({ process, broker, inputs: inOrder, commitEvery: { elements: 3 }, storeFolder }).run();
    const folder = path.join(storeFolder, readdirSync(storeFolder)[0] as string);
    await OpenDatabase.closeAt(folder);
    const level = new ClassicLevel<string, string>(folder);
    const entries = (await level.keys().all()).map((key) => key[0]);
    await level.close();
    // A row and a time for each user, and the mark.
    expect(entries.sort()).toEqual(['d', 'd', 'm', 'r', 'r']);
    directory.remove();
  });

  it.each(['memory', 'disk'] as const)(
    'forgets a key whose call failed and set the type of keys: %s',
    async (store) => {
      const directory = temporaryDirectory();
      const key = ({ user, at }: Last): Date | number => (user === 'x' ? new Date(at) : at);
      const Mixed = table(Last, { key, expires, store, name: 'Mixed' });
      const options = { inject: [Mixed], onError: 'skip' } as const;
      const process = processFunction(PageView, options, ({ user, at }, mixed) => {
        mixed.put({ user, at });
        if (user === 'x') throw new Error('not this one');
      });
      const broker = new MemoryMessageBroker([[PageView, [view(0, 'x'), view(5, 'a'), view(20, 'b'), view(21, 'c')]]]);
      const mill = new WaterMill({ process, broker, inputs: inOrder, storeFolder: directory.path });
      expect((await mill.run()).failedCalls).toBe(1);
      expect([...mill.table(Mixed).range()].map(({ at }) => at)).toEqual([20, 21]);
      directory.remove();
    },
  );

  it('uses the key of a window, or of a join, with Dates and milliseconds', async () => {
    class Signs extends table(Sign, { key: field(Sign, 'on'), expires: { after: 1_000, by: field(Sign, 'on') } }) {}
    const left: number[][] = [];
    const windowed = processFunction(
      tumblingWindow(Sign, field(Sign, 'on'), { size: 1_000 }),
      { inject: [Signs] },
      (signs, kept) => {
        left.push([...kept.range()].map(({ on }) => on.getTime()));
        for (const sign of signs) kept.put(sign);
      },
    );
    const signs = [0, 500, 1_000, 1_400, 2_400, 4_000].map((ms) => message(Sign, { on: new Date(ms) }));
    await new WaterMill({ process: windowed, broker: new MemoryMessageBroker([[Sign, signs]]) }).run();
    expect(left).toEqual([[], [500], [1_400], []]);
    const tree = joinStreams(
      PageView,
      joinWith(Visits, { left: field(PageView, 'at'), right: field(Visits, 'count'), kind: 'left' }),
    );
    const joined = processFunction(tree, { inject: [Recent] }, ({ user, at }, _visits, recent) =>
      recent.put({ user, at }),
    );
    const broker = new MemoryMessageBroker([
      [PageView, [view(0, 'a'), view(11, 'b'), view(21, 'c'), view(22, 'd')]],
      [Visits, []],
    ]);
    const mill = new WaterMill({ process: joined, broker });
    await mill.run();
    expect(plain(mill.table(Recent).range())).toEqual([
      { user: 'c', at: 21 },
      { user: 'd', at: 22 },
    ]);
    expect(mill.explain()).toContain('in memory: all that is kept; until Last.at + 10 < PageView.at');
  });

  it('is refused if the master has no such key, or another unit', () => {
    const broker = new MemoryMessageBroker([[PageView]]);
    const plainly = processFunction(PageView, { inject: [Recent] }, () => {});
    const refused = refusal(() => new WaterMill({ process: plainly, broker }));
    expect(refused.code).toBe('WM_TABLE');
    expect(refused.message).toContain(
      'The table Recent expires by Last.at, against a key of the master that never decreases, in its unit; found no such key.',
    );
    const window = tumblingWindow(PageView, field(PageView, 'at'), { size: 10 });
    const folded = processFunction(
      foldWindow(window, { initial: () => 0, add: (n) => n + 1 }),
      { inject: [Recent] },
      () => {},
    );
    expect(refusal(() => new WaterMill({ process: folded, broker })).message).toContain(
      'found a folded window, whose calls have no element. Fold the elements of the window in the call; or delete elements yourself.',
    );
    const ByUser = joinStreams(
      PageView,
      joinWith(Visits, { left: field(PageView, 'user'), right: field(Visits, 'user') }),
    );
    const both = new MemoryMessageBroker([[PageView], [Visits]]);
    const byText = processFunction(ByUser, { inject: [Recent] }, () => {});
    expect(refusal(() => new WaterMill({ process: byText, broker: both })).message).toContain(
      'found PageView.user, a string',
    );
    const key = field(Last, 'user');
    const at = field(Last, 'at');
    const wrong: [object, string][] = [
      [{ after: -1, by: at }, 'expires.after is -1; expected a number or bigint, 0 or more'],
      [{ after: 10n, by: at }, 'expires.by, Last.at, is a number, and after is a bigint'],
      [{ after: 10, by: key }, 'expires.by, Last.user, is a string'],
      [{ after: 10 }, 'expires.by is undefined'],
      [{ after: 10, by: field(Visits, 'count') }, 'reads Visits, but the table keeps elements of Last'],
      [{ after: 10, by: at, since: 1 }, 'has no option "since"'],
    ];
    for (const [expires, text] of wrong) {
      expect(refusal(() => table(Last, { key, expires } as never)).message).toContain(text);
    }
    expect(refusal(() => table(Last, { key, store: 'tape' } as never)).message).toContain(
      'store is "tape"; expected \'memory\'',
    );
    const Loose = table(Last, { key, expires: { after: 1, by: ({ at }) => (at > 0 ? at : (undefined as never)) } });
    expect(refusal(() => new Loose().put({ user: 'a', at: 0 })).message).toContain(
      'it expires by function, which is undefined; expected a number or a Date',
    );
  });
});
