import 'reflect-metadata';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import {
  AtEnd,
  type Broker,
  DataKey,
  EndOfStream,
  Field,
  field,
  Inject,
  Joined,
  joinStreams,
  joinWith,
  MemoryMessageBroker,
  Message,
  message,
  Process,
  processFunction,
  Table,
  table,
  Unmatched,
  WaterMill,
} from 'watermill';
import { testMill } from 'watermill/testing';
import { makePlan } from '../../lib/mill/plan/make-plan.js';
import { ScriptedBroker } from '../mill/support/scripted-broker.js';
import { refusal } from '../support/refusal.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { PageView, plain, Regular, Seen, Visits, VisitsByUser, view, visits } from './model.js';

const views = 'abacabaadbc'.split('').map((user, at) => view(at, user));

class CountVisits {
  @Process({ emits: [Regular] })
  count(view: PageView, visits: VisitsByUser): Regular | undefined {
    const { count } = visits.get(view.user) ?? { count: 0 };
    visits.put(message(Visits, { user: view.user, count: count + 1 }));
    return count + 1 === 3 ? message(Regular, { user: view.user }) : undefined;
  }
}

class CountByConst {
  @Process({ emits: [] })
  count(view: PageView, @Inject(visits) mine: Table<Visits, string>): void {
    mine.put({ user: view.user, count: (mine.get(view.user)?.count ?? 0) + 1 });
  }
}

const counting = processFunction(PageView, { inject: [VisitsByUser], emits: [] }, ({ user }, visits) => {
  visits.put({ user, count: (visits.get(user)?.count ?? 0) + 1 });
});

@Message()
class Day {
  @Field() at!: Date;
  @Field() views!: number;
}

const countsOf = (range: Iterable<Readonly<Visits>>): string => [...range].map((v) => `${v.user}${v.count}`).join(' ');

/** Collects values in a list as they arrive. */
async function collected<X>(values: AsyncIterable<X>, list: X[] = []): Promise<X[]> {
  for await (const value of values) list.push(value);
  return list;
}

describe('a process with a table', () => {
  it('gets it by the class of a parameter', async () => {
    const broker = new MemoryMessageBroker([[PageView, views]]);
    const mill = new WaterMill({ process: new CountVisits(), broker });
    await mill.run();
    expect(plain(broker.written(Regular))).toEqual([{ user: 'a' }, { user: 'b' }]);
    expect(countsOf(mill.table(VisitsByUser).range())).toBe('a5 b3 c2 d1');
  });

  it('gets it by @Inject and by inject', async () => {
    const mill = new WaterMill({ process: new CountByConst(), broker: new MemoryMessageBroker([[PageView, views]]) });
    await mill.run();
    expect(mill.table(visits).get('a')?.count).toBe(5);
    const second = new WaterMill({ process: counting, broker: new MemoryMessageBroker([[PageView, views]]) });
    await second.run();
    expect(second.table(VisitsByUser).get('a')?.count).toBe(5);
  });

  it.each(['memory', 'disk'] as const)(
    'a key whose call failed does not set the type of the others: %s',
    async (store) => {
      const directory = temporaryDirectory();
      // Both have the identity 0.
      const key = ({ count, user }: Visits): Date | number => (count === 0 ? new Date(0) : Number(user));
      const Mixed = table(Visits, { key, store, name: 'Mixed' });
      const options = { inject: [Mixed], emits: [Seen], onError: 'skip' } as const;
      const process = processFunction(PageView, options, ({ user, at }, mixed) => {
        mixed.put({ user, count: at });
        const text = [...mixed.range()].map(({ user, count }) => `${user}${count}`).join(' ');
        if (at === 0) throw new Error(text);
        return message(Seen, { at, text });
      });
      const input = [view(0, 'a'), view(0, 'b'), view(1, '0'), view(2, '7'), view(0, 'c')];
      const broker = new MemoryMessageBroker([[PageView, input]]);
      const mill = new WaterMill({ process, broker, storeFolder: directory.path });
      expect((await mill.run()).failedCalls).toBe(3);
      expect(broker.written(Seen).map(({ text }) => text)).toEqual(['01', '01 72']);
      const keys: unknown[] = [];
      for await (const change of mill.table(Mixed).changes({ from: 'beginning' })) keys.push(change.key);
      expect(keys).toEqual([0, 7]);
      directory.remove();
    },
  );

  it('releases all deleted elements, however many there were', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const users = Array.from({ length: 2_000 }, (_, i) => `user ${i}`);
    const deleted: WeakRef<object>[] = [];
    let held: number | undefined;
    const process = processFunction(PageView, { inject: [VisitsByUser], emits: [] }, async ({ at }, visits) => {
      if (at === 0) for (const user of users) visits.put({ user, count: 1 });
      if (at === 1) {
        for (const user of users) {
          deleted.push(new WeakRef(visits.get(user) as object));
          visits.delete(user);
        }
      }
      if (at !== 3) return;
      await new Promise((resolve) => setImmediate(resolve));
      collect();
      held = deleted.filter((each) => each.deref() !== undefined).length;
    });
    const broker = new MemoryMessageBroker([[PageView, [0, 1, 2, 3].map((at) => view(at, 'a'))]]);
    await new WaterMill({ process, broker, commitEvery: { elements: 1 } }).run();
    expect(held).toBeLessThan(20);
  });

  it('shares it with its unmatched methods', async () => {
    const other = table(Visits, { key: field(Visits, 'user'), name: 'other' });
    class Joining {
      @Process(
        joinStreams(Regular, joinWith(PageView, { left: field(Regular, 'user'), right: field(PageView, 'user') })),
        {
          inject: [VisitsByUser, other],
          emits: [],
        },
      )
      join({ user }: Regular, _views: Joined<Regular, PageView>, visits: VisitsByUser): void {
        visits.put({ user, count: 100 });
      }

      @Unmatched()
      nobody({ user }: PageView, visits: VisitsByUser): void {
        visits.put({ user, count: (visits.get(user)?.count ?? 0) + 1 });
      }
    }
    const broker = new MemoryMessageBroker([
      [PageView, 'aaabbc'.split('').map((user, at) => view(at, user))],
      [Regular, [{ user: 'b' }]],
    ]);
    const mill = new WaterMill({ process: new Joining() as object, broker });
    await mill.run();
    expect(countsOf(mill.table(VisitsByUser).range())).toBe('a3 b100 c1');
    expect(mill.table(other).size).toBe(0);
  });

  it('shares it with its @AtEnd method, which may change it', async () => {
    class Totals {
      @Process({ emits: [Regular] })
      count(view: PageView, visits: VisitsByUser): void {
        visits.put({ user: view.user, count: (visits.get(view.user)?.count ?? 0) + 1 });
      }

      @AtEnd()
      total(visits: VisitsByUser): Regular {
        const sum = [...visits.range()].reduce((sum, { count }) => sum + count, 0);
        visits.put({ user: 'all', count: sum });
        return message(Regular, { user: `all ${sum}` });
      }
    }
    const broker = new MemoryMessageBroker([[PageView, views]]);
    const mill = new WaterMill({ process: new Totals(), broker });
    await mill.run();
    expect(plain(broker.written(Regular))).toEqual([{ user: 'all 11' }]);
    expect(mill.table(VisitsByUser).get('all')?.count).toBe(11);
    const process = processFunction(
      PageView,
      { inject: [VisitsByUser], atEnd: (visits) => void visits.delete('a') },
      () => {},
    );
    const second = new WaterMill({ process, broker: new MemoryMessageBroker([[PageView, views]]) });
    await second.run();
    expect(second.table(VisitsByUser).size).toBe(0);
  });

  it('continues with it in the next run, also after an end by the process', async () => {
    const broker = new MemoryMessageBroker([[PageView, views]]);
    const ends = processFunction(PageView, { inject: [VisitsByUser] }, ({ user, at }, visits) => {
      visits.put({ user, count: (visits.get(user)?.count ?? 0) + 1 });
      return at === 4 ? new EndOfStream() : undefined;
    });
    const first = new WaterMill({ process: ends, broker });
    await first.run();
    expect(countsOf(first.table(VisitsByUser).range())).toBe('a3 b1 c1');
    const again = new WaterMill({ process: ends, broker });
    expect(again.table(VisitsByUser).size).toBe(0);
    await again.run();
    expect(countsOf(again.table(VisitsByUser).range())).toBe('a3 b1 c1');
  });

  it('starts with an empty one after a plan change', async () => {
    const broker = new MemoryMessageBroker([[PageView, views]]);
    await new WaterMill({ process: counting, broker }).run();
    const byName = processFunction(PageView, { inject: [visits, VisitsByUser] }, ({ user }, one, two) => {
      one.put({ user, count: 1 });
      two.put({ user, count: (two.get(user)?.count ?? 0) + 1 });
    });
    await expect(new WaterMill({ process: byName, broker }).run()).rejects.toMatchObject({
      code: 'WM_PLAN_CHANGED',
      message: expect.stringContaining('table visits is new (Visits by Visits.user)'),
    });
    const restarted = new WaterMill({ process: byName, broker, onPlanChange: 'restart' });
    await restarted.run();
    expect(restarted.table(VisitsByUser).get('a')?.count).toBe(5);
  });

  it('has its class, key and name in the fingerprint', () => {
    const printOf = (...inject: never[]) =>
      makePlan({
        process: processFunction(PageView, { inject }, () => {}),
        broker: new MemoryMessageBroker([[PageView]]),
      }).fingerprint;
    const key = field(Visits, 'user');
    const named = (name: string) => table(Visits, { key, name }) as never;
    const prints = [
      printOf(),
      printOf(named('x')),
      printOf(named('y')),
      printOf(table(Visits, { key: field(Visits, 'count'), name: 'x' }) as never),
      printOf(table(Regular, { key: field(Regular, 'user'), name: 'x' }) as never),
      printOf(named('x'), named('y')),
    ];
    expect(new Set(prints).size).toBe(prints.length);
    expect(printOf(named('y'), named('x'))).toBe(prints[5]);
    expect(printOf(named('x'))).toBe(prints[1]);
  });

  it('shows it in explain()', () => {
    const mill = new WaterMill({ process: counting, broker: new MemoryMessageBroker([[PageView]]) });
    expect(mill.explain()).toContain("parameter 2: VisitsByUser, the lane's table");
    expect(mill.explain()).toContain('VisitsByUser: the latest Visits of each Visits.user');
  });
});

describe('a table read from outside', () => {
  it('shows committed rows, and none that may still be rolled back', async () => {
    const broker = new MemoryMessageBroker([[PageView, views]]);
    const shown: string[] = [];
    let calls = 0;
    const process = processFunction(PageView, { inject: [VisitsByUser] }, ({ user }, visits) => {
      visits.put({ user, count: (visits.get(user)?.count ?? 0) + 1 });
      const outside = mill.table(VisitsByUser);
      shown.push(
        `${++calls}: ${outside.size} ${countsOf(outside.range({ limit: 2 }))} ${outside.get(user)?.count ?? '-'}`,
      );
    });
    const mill: WaterMill = new WaterMill({ process, broker, commitEvery: { elements: 4 } });
    await mill.run();
    expect(shown[3]).toBe('4: 0  -');
    expect(shown[4]).toBe('5: 3 a2 b1 2');
    expect(shown[7]).toBe('8: 3 a2 b1 2');
    expect(shown[8]).toBe('9: 3 a5 b2 -');
  });

  it('returns changes: from now, and from the beginning', async () => {
    const broker = new MemoryMessageBroker([[PageView]]);
    const run = () => new WaterMill({ process: counting, broker, commitEvery: { elements: 1 } });
    const first = run();
    const now = collected(first.table(VisitsByUser).changes());
    const running = first.run();
    for (const user of 'bab') await broker.push(PageView, view(0, user));
    broker.end(PageView);
    await running;
    const shown = (changes: readonly { key: string; value: Readonly<Visits> | undefined }[]) =>
      changes.map(({ key, value }) => `${key}${value?.count}`).join(' ');
    expect(shown(await now)).toBe('b1 a1 b2');
    expect(shown(await collected(first.table(VisitsByUser).changes({ from: 'beginning' })))).toBe('a1 b2');
    expect(await collected(first.table(VisitsByUser).changes())).toEqual([]);
    const again = run();
    const beginning = collected(again.table(VisitsByUser).changes({ from: 'beginning' }));
    await again.run();
    expect(shown(await beginning)).toBe('a1 b2');
  });

  it('ends them by the signal, and reports a deleted key as one without a value', async () => {
    await using kit = testMill({
      process: processFunction(PageView, { inject: [VisitsByUser] }, ({ user, at }, visits) => {
        if (at < 0) visits.delete(user);
        else visits.put({ user, count: at });
      }),
    });
    const stopping = new AbortController();
    const list: object[] = [];
    const ended = collected(kit.table(VisitsByUser).changes({ signal: stopping.signal }), list);
    await kit.push(PageView, view(1, 'a'));
    expect(kit.table(VisitsByUser).get('a')?.count).toBe(1);
    await kit.push(PageView, view(-1, 'a'), view(2, 'b'));
    await kit.push(PageView, view(3, 'b'));
    expect(list).toEqual([
      { key: 'a', value: { user: 'a', count: 1 } },
      { key: 'a', value: undefined },
      { key: 'b', value: { user: 'b', count: 2 } },
      { key: 'b', value: { user: 'b', count: 3 } },
    ]);
    stopping.abort();
    expect(await ended).toBe(list);
    expect(await collected(kit.table(VisitsByUser).changes({ signal: AbortSignal.abort() }))).toEqual([]);
  });

  it('is not changed by its readers: each gets changes of its own', async () => {
    const days = table(Day, { key: field(Day, 'at') });
    await using kit = testMill({
      process: processFunction(PageView, { inject: [days] }, ({ at }, mine) =>
        mine.put({ at: new Date(at), views: at }),
      ),
    });
    const shown = kit.table(days);
    const readers = (['now', 'beginning'] as const).map((from) => shown.changes({ from })[Symbol.asyncIterator]());
    for (const at of [3, 1, 2, 3]) {
      await kit.push(PageView, view(at, 'a'));
      for (const reader of readers) {
        const change = (await reader.next()).value as { key: Date; value: Day | undefined };
        expect(change).toEqual({ key: new Date(at), value: { at: new Date(at), views: at } });
        change.key.setTime(9);
        change.value?.at.setTime(9);
        change.value = undefined;
      }
    }
    for (const each of shown.range()) each.at.setTime(9);
    shown.get(new Date(1))?.at.setTime(9);
    expect([...shown.range()].map(({ at, views }) => [at.getTime(), views])).toEqual([
      [1, 1],
      [2, 2],
      [3, 3],
    ]);
  });

  it('returns the last change of each key to a slow reader', async () => {
    await using kit = testMill({ process: counting });
    const changes = kit.table(VisitsByUser).changes()[Symbol.asyncIterator]();
    const many = 12_000;
    await kit.push(
      PageView,
      ...Array.from({ length: many }, (_, at) => view(at, at === 0 ? 'first' : at % 2 ? 'a' : 'b')),
    );
    for (let at = 0; at < 6_000; at++) await kit.push(PageView, view(at, at % 2 ? 'a' : 'b'), view(at, 'c'));
    const found: string[] = [];
    await kit.end();
    for (;;) {
      const { done, value } = await changes.next();
      if (done) break;
      found.push(`${value.key}${value.value?.count}`);
    }
    expect(found.length).toBeLessThan(12_000);
    expect(found[0]).toBe('first1');
    expect(found.slice(-2)).toEqual(['a9000', 'c6000']);
  });
});

describe('a process refuses', () => {
  const refusalOfMill = (process: object, broker: Broker = new MemoryMessageBroker([[PageView]])) =>
    refusal(() => new WaterMill({ process, broker }));

  it('a table of a broker that stores positions but no tables', () => {
    const refused = refusalOfMill(counting, new ScriptedBroker([[PageView, []]]));
    expect(refused.code).toBe('WM_TABLE');
    expect(refused.message).toContain('The process takes the table VisitsByUser, but');
    expect(refused.message).toContain('keeps progress and cannot keep tables with it');
  });

  it('two tables of one name, and a table of undefined', () => {
    const twin = table(Visits, { key: field(Visits, 'user'), name: 'visits' });
    expect(refusalOfMill(processFunction(PageView, { inject: [visits, twin] }, () => {})).message).toContain(
      'there is another table of the name visits',
    );
    class Nameless {
      @Process({ emits: [] })
      count(_view: PageView, _table: Table<Visits, string>): void {}
    }
    expect(refusalOfMill(new Nameless()).message).toContain(
      'parameter 2 of Nameless.count is a Table, and that type does not say which one',
    );
  });

  it('a DataKey next to a table', () => {
    const process = processFunction(PageView, { inject: [VisitsByUser, DataKey] }, () => {});
    expect(refusalOfMill(process).message).toContain('takes a DataKey and the table VisitsByUser');
  });

  it('several calls at once with a table', () => {
    const options = { inject: [VisitsByUser], concurrency: 16 } as object;
    expect(refusalOfMill(processFunction(PageView, options, () => {})).message).toContain(
      'has concurrency: 16 and takes the table VisitsByUser: with a table calls come one at a time',
    );
  });

  it('a table that is not a parameter of the process', () => {
    const mill = new WaterMill({ process: counting, broker: new MemoryMessageBroker([[PageView]]) });
    const refused = refusal(() => mill.table(visits));
    expect(refused.code).toBe('WM_TABLE');
    expect(refused.message).toContain('it takes VisitsByUser');
    expect(refusal(() => mill.table(VisitsByUser).get(1 as never)).code).toBe('WM_TABLE_KEY');
    expect(refusal(() => mill.table(VisitsByUser).changes({ from: 'earliest' as never })).message).toContain(
      "from is \"earliest\"; expected 'now' or 'beginning'",
    );
  });

  it('a table class that was not created by table(), or takes arguments', async () => {
    class Own extends (Table as unknown as new () => object) {}
    expect(refusal(() => new Own()).message).toContain('Own is not made by table()');
    class Fussy extends table(Visits, { key: field(Visits, 'user') }) {
      constructor() {
        super();
        throw new Error('not today');
      }
    }
    const process = processFunction(PageView, { inject: [Fussy] }, () => {});
    await expect(
      new WaterMill({ process, broker: new MemoryMessageBroker([[PageView, views]]) }).run(),
    ).rejects.toMatchObject({ code: 'WM_TABLE', message: expect.stringContaining('not today') });
  });

  it('changes outside of a call, and in place', async () => {
    let kept: VisitsByUser | undefined;
    const broker = new MemoryMessageBroker([[PageView, views]]);
    const process = processFunction(PageView, { inject: [VisitsByUser] }, (_view, visits) => {
      kept = visits;
    });
    await new WaterMill({ process, broker }).run();
    expect(refusal(() => kept?.put({ user: 'a', count: 1 })).message).toContain(
      'VisitsByUser.put(): there is no call in progress',
    );
    expect(refusal(() => kept?.delete('a')).code).toBe('WM_TABLE_CALL');
    expect(kept?.get('a')).toBeUndefined();
    const inPlace = processFunction(PageView, { inject: [VisitsByUser] }, ({ user }, visits) => {
      if (!visits.has(user)) visits.put({ user, count: 1 });
      else (visits.get(user) as Visits).count++;
    });
    await expect(
      new WaterMill({ process: inPlace, broker: new MemoryMessageBroker([[PageView, views]]) }).run(),
    ).rejects.toThrow('Elements of a table are frozen: put what you change, visits.put({ ...element, count: 2 }).');
  });
});
