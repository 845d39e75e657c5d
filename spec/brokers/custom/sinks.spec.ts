import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { PassThrough, Writable } from 'node:stream';
import {
  type BrokerLane,
  CustomMessageBroker,
  Field,
  field,
  MemoryMessageBroker,
  Message,
  type MessageClass,
  message,
  Origin,
  processFunction,
  type SinkBatch,
  type SourceRequest,
  WaterMill,
} from 'watermill';
import { Outbox } from '../../../lib/brokers/custom/outbox.js';
import { rejection } from '../../mill/support/rejection.js';
import { ScriptedBroker } from '../../mill/support/scripted-broker.js';
import { Item } from '../../support/items.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';
import { until } from '../../support/virtual-clock.js';

@Message()
class Row {
  @Field({ name: 'row_id' }) id!: number;
  @Field() at!: Date;
}

const directory = temporaryDirectory();
afterAll(() => directory.remove());
const folder = directory.newPath;

const rowOf = (n: number): Row => message(Row, { id: n, at: new Date(n) });
const rows = (count: number): Row[] => Array.from({ length: count }, (_, n) => rowOf(n));
const process_ = processFunction(Item, { emits: [Row] }, ({ n }) => rowOf(n));

const source = (count: number) =>
  function* ({ after = -1 }: SourceRequest<number>) {
    for (let n = after + 1; n < count; n++) yield { n };
  };

function millOf(
  sink: unknown,
  { count = 10, elements = 3, ...options }: { count?: number; elements?: number; progress?: string } = {},
) {
  const broker = new CustomMessageBroker<any, any>({
    sources: [[Item, source(count)]] as never,
    sinks: [[Row, sink]] as never,
    ...options,
  });
  return new WaterMill({ process: process_, broker, commitEvery: { elements } });
}

/** Stores batches like a table with a unique id. */
class Table {
  readonly batches = new Map<string, readonly Row[]>();
  readonly ids: string[] = [];
  ends = 0;
  failAt: number | undefined;
  failAfter: number | undefined;

  readonly sink = {
    write: async (elements: readonly Row[], { id, lane }: SinkBatch) => {
      expect(lane).toBe('0');
      if (this.failAt === this.ids.length) throw new Error('no connection');
      this.ids.push(id);
      const known = this.batches.get(id);
      if (known === undefined) this.batches.set(id, elements);
      else expect(elements).toEqual(known);
      if (this.failAfter === this.ids.length) throw new Error('connection lost');
    },
    end: () => void this.ends++,
  };

  get rows(): readonly Row[] {
    return [...this.batches.values()].flat();
  }
}

describe('a function sink', () => {
  it('is called element by element, in order, and awaited', async () => {
    const seen: number[] = [];
    let busy = 0;
    const mill = millOf(async ({ id }: Row) => {
      expect(++busy).toBe(1);
      await new Promise((resolve) => setImmediate(resolve));
      busy--;
      seen.push(id);
    });
    const report = await mill.run();
    expect(seen).toEqual(rows(10).map(({ id }) => id));
    expect(report.emitted).toEqual([{ name: 'Row', stream: 'the sink of Row', count: 10 }]);
  });

  it('that throws fails the mill, and gets the element again', async () => {
    const progress = folder();
    const seen: number[] = [];
    let fails = true;
    const sink = ({ id }: Row) => {
      if (id === 5 && fails) throw new Error('mailbox full');
      seen.push(id);
    };
    const error = await rejection(millOf(sink, { progress }).run());
    expect(error.code).toBe('WM_SINK_FAILED');
    expect(error.message).toContain('The sink of Row failed at an element: mailbox full.');
    fails = false;
    await millOf(sink, { progress }).run();
    expect(new Set(seen)).toEqual(new Set(rows(10).map(({ id }) => id)));
    expect(seen.slice(-5)).toEqual([5, 6, 7, 8, 9]);
  });
});

describe('a batch sink', () => {
  it('gets new ids for batches after a backup of the progress was restored', async () => {
    const [progress, saved, table] = [folder(), folder(), new Table()];
    const run = async (number: number, until: number) => {
      const process = processFunction(Item, { emits: [Row] }, ({ n }) => {
        if (n === until) throw new Error('no');
        return rowOf(100 * number + n);
      });
      const broker = new CustomMessageBroker<any, any>({
        sources: [[Item, source(8)]] as never,
        sinks: [[Row, table.sink]] as never,
        progress,
      });
      await new WaterMill({ process, broker, commitEvery: { elements: 2 } }).run().catch(() => {});
    };
    await run(1, 4);
    cpSync(progress, saved, { recursive: true });
    await run(2, 7);
    rmSync(progress, { recursive: true });
    cpSync(saved, progress, { recursive: true });
    await run(3, -1);
    expect(table.rows.map(({ id }) => id)).toEqual([100, 101, 102, 103, 204, 205, 206, 304, 305, 306, 307]);
  });

  it('gets the results of one commit under a unique id, and the end', async () => {
    const table = new Table();
    await millOf(table.sink, { progress: folder() }).run();
    expect(table.rows).toEqual(rows(10));
    expect(new Set(table.ids).size).toBe(table.ids.length);
    expect(table.ids.length).toBeGreaterThan(2);
    for (const batch of table.batches.values()) expect(batch.length).toBeLessThanOrEqual(3);
    expect(table.ends).toBe(1);
  });

  it.each(['failAt', 'failAfter'] as const)('gets a batch again with its id and its elements: %s', async (where) => {
    for (let at = where === 'failAt' ? 0 : 1; at < 4; at++) {
      const progress = folder();
      const table = new Table();
      table[where] = at;
      const error = await rejection(millOf(table.sink, { progress }).run());
      expect(error.message).toMatch(/The sink of Row failed at batch \S+ of \d elements?: /);
      table[where] = undefined;
      await millOf(table.sink, { progress }).run();
      expect(table.rows).toEqual(rows(10));
      expect(table.ids.length - table.batches.size).toBe(where === 'failAt' ? 0 : 1);
      expect(table.ends).toBe(1);
    }
  });

  it('gets a repeated batch unchanged, even if the results would differ now', async () => {
    const progress = folder();
    const table = new Table();
    table.failAfter = 2;
    await rejection(millOf(table.sink, { progress }).run());
    table.failAfter = undefined;
    await millOf(table.sink, { progress, elements: 100 }).run();
    expect(table.rows).toEqual(rows(10));
  });

  it('has ids that are unique across folders', async () => {
    const tables = [new Table(), new Table()];
    for (const table of tables) await millOf(table.sink, { progress: folder() }).run();
    expect(tables[0]!.ids.filter((id) => tables[1]!.ids.includes(id))).toEqual([]);
  });

  it('never gets an id with other elements when a lane starts over', async () => {
    const progress = folder();
    const table = new Table();
    await millOf(table.sink, { progress, count: 5 }).run();
    rmSync(`${progress}/commit.json`);
    await millOf(table.sink, { progress, count: 10 }).run();
    expect(table.rows).toEqual([...rows(5), ...rows(10)]);
  });

  it('gets results as they are produced, at most 1,000 at once, without progress', async () => {
    const table = new Table();
    await millOf(table.sink, { count: 2_500 }).run();
    expect(table.rows).toEqual(rows(2_500));
    for (const batch of table.batches.values()) expect(batch.length).toBeLessThanOrEqual(1_000);
  });

  it('keeps nothing after its sink is done', async () => {
    const progress = folder();
    await millOf(new Table().sink, { progress }).run();
    expect(readdirSync(`${progress}/outbox`)).toEqual(['id']);
  });

  describe('with other results than before', () => {
    @Message()
    class Note {
      @Field() text!: string;
    }
    /**
     * Returns the input of the sinks in two runs: the first one dies while a batch is passed; the second has other
     * `emits` and sinks.
     */
    const twoRuns = async (
      emits: [MessageClass, ...MessageClass[]],
      sinks: (into: unknown[]) => unknown[],
      fails = true,
    ) => {
      const progress = folder();
      const run = (classes: typeof emits, entries: unknown) => {
        const process = processFunction(Item, { emits: classes }, ({ n }) => [
          ...(classes.includes(Row) ? [rowOf(n)] : []),
          ...(classes.includes(Note) ? [message(Note, { text: `note ${n}` })] : []),
        ]);
        const broker = new CustomMessageBroker<any, any>({
          sources: [[Item, source(4)]],
          sinks: entries,
          progress,
        } as never);
        return new WaterMill({ process, broker, commitEvery: { elements: 2 } }).run();
      };
      const down = (): never => {
        throw new Error('down');
      };
      await rejection(
        run(
          [Row, Note],
          [
            [Row, { write: down }],
            [Note, { write: down }],
          ],
        ),
      );
      const got: unknown[] = [];
      const error = fails ? await rejection(run(emits, sinks(got))) : await run(emits, sinks(got));
      return { got, error };
    };
    const into = (message_: MessageClass, got: unknown[]) => [
      message_,
      { write: (list: readonly object[]) => got.push(...list.map((each) => [message_.name, { ...each }])) },
    ];

    it('passes a kept batch to the sinks of its classes, in any order', async () => {
      const { got } = await twoRuns([Note, Row], (list) => [into(Row, list), into(Note, list)], false);
      expect(got.filter(([name]: any) => name === 'Row')).toEqual([0, 1, 2, 3].map((n) => ['Row', { ...rowOf(n) }]));
      expect(got.filter(([name]: any) => name === 'Note')).toEqual(
        [0, 1, 2, 3].map((n) => ['Note', { text: `note ${n}` }]),
      );
    });

    it('passes it to a function that replaced a batch sink', async () => {
      const { got } = await twoRuns(
        [Row, Note],
        (list) => [[Row, ({ id }: Row) => void list.push(id)], into(Note, [])],
        false,
      );
      expect(got).toEqual([0, 1, 2, 3]);
    });

    it('distinguishes classes of the same name', async () => {
      const progress = folder();
      @Message({ name: 'Row' })
      class Other {
        @Field() n!: number;
      }
      const got: unknown[] = [];
      const run = (fails: boolean) => {
        const process = processFunction(Item, { emits: [Row, Other] }, ({ n }) => [rowOf(n), message(Other, { n })]);
        const write = (list: readonly object[]): void => {
          if (fails) throw new Error('down');
          got.push(...list.map((each) => each.constructor));
        };
        const sinks = [Row, Other].map((each) => [each, { write }]);
        const broker = new CustomMessageBroker<any, any>({ sources: [[Item, source(1)]], sinks, progress } as never);
        return new WaterMill({ process, broker }).run();
      };
      await rejection(run(true));
      await run(false);
      expect(got).toEqual([Row, Other]);
    });

    it('refuses to lose results whose sink was removed', async () => {
      const { got, error } = await twoRuns([Note], (list) => [into(Note, list)]);
      expect([got, error]).toMatchObject([[], { code: 'WM_OUTPUT_CHANGED' }]);
      expect((error as Error).message).toMatch(
        /holds 2 results of Row that .*Run the mill again with the sink of Row, or/,
      );
    });
  });

  it('names the folder if a batch cannot be removed', async () => {
    const progress = folder();
    const write = () => {
      for (const name of readdirSync(`${progress}/outbox`).filter((each) => each.endsWith('.json'))) {
        rmSync(`${progress}/outbox/${name}`);
        mkdirSync(`${progress}/outbox/${name}`);
      }
    };
    const error = await rejection(millOf({ write }, { progress }).run());
    expect(error.code).toBe('WM_OUTPUT_FAILED');
    expect(error.message).toContain(`Progress cannot be kept in ${progress}/outbox: `);
  });

  it('names the damaged file of the folder', async () => {
    const progress = folder();
    const table = new Table();
    table.failAt = 0;
    await rejection(millOf(table.sink, { progress }).run());
    const [file] = readdirSync(`${progress}/outbox`).filter((name) => name.endsWith('.json'));
    for (const text of ['{"elements":', 'null', '{}', '{"elements":[]}', '{"elements":{"Row":{}}}']) {
      writeFileSync(`${progress}/outbox/${file}`, text);
      const error = await rejection(millOf(table.sink, { progress }).run());
      expect(error.code).toBe('WM_PROGRESS_DAMAGED');
      expect(error.message).toContain(`${progress}/outbox/${file}`);
      expect(error.message).not.toContain('destructure');
    }
    table.failAt = undefined;
    rmSync(`${progress}/outbox/${file}`);
    await millOf(table.sink, { progress }).run();
    expect(table.rows).toEqual(rows(10).slice(3));
    rmSync(`${progress}/outbox`, { recursive: true });
    writeFileSync(`${progress}/outbox`, '');
    expect((await rejection(millOf(table.sink, { progress }).run())).message).toContain('Progress cannot be kept in');
  });
});

describe('a sink of several lanes ends when all of them have ended', () => {
  const run = (sink: unknown, lanes: readonly string[], fails = false) => {
    const broker = new ScriptedBroker([[Item, [{ n: 1 }, { n: 2 }]]], { lanes });
    const hasEnded = (): boolean => broker.progress.some(({ lane, ended }) => lane === '0' && ended);
    const process = processFunction(Item, { emits: [Row], inject: [Origin] }, async ({ n }, { partition }) => {
      if (partition !== '0') await until(hasEnded);
      if (fails && partition !== '0') throw new Error('no');
      return rowOf(n);
    });
    const outputBroker = new CustomMessageBroker<any, any>({ sinks: [[Row, sink]] as never });
    return new WaterMill({ process, broker, outputBroker, commitEvery: { elements: 1 } }).run();
  };

  it('a Writable', async () => {
    const stream = new PassThrough();
    await run(stream, ['0', '1', '2']);
    expect(stream.read().toString().trim().split('\n')).toHaveLength(6);
    expect(stream.writableEnded).toBe(true);
  });

  it('a batch sink, once', async () => {
    const log: unknown[] = [];
    await run({ write: (list: readonly Row[]) => log.push(...list), end: () => log.push('end') }, ['0', '1']);
    expect(log).toHaveLength(5);
    expect(log[4]).toBe('end');
  });

  it('not if one of them fails', async () => {
    const stream = new PassThrough();
    await rejection(run(stream, ['0', '1'], true));
    expect(stream.writableEnded).toBe(false);
  });

  it('the lanes of a process, without one that another process has taken', async () => {
    const stream = new PassThrough();
    const revoked = new AbortController();
    const broker = new ScriptedBroker([[Item, [{ n: 1 }, { n: 2 }]]], { lanes: ['0', '1'] });
    const { connect } = broker;
    broker.connect = async (request) => {
      const connection = await connect.call(broker, request);
      const lanes = [...(connection.lanes() as Iterable<BrokerLane>)];
      return { ...connection, lanes: () => [lanes[0]!, { ...lanes[1]!, revoked: revoked.signal }] };
    };
    const outputBroker = new CustomMessageBroker<any, any>({ sinks: [[Row, stream]] as never });
    const process = processFunction(Item, { emits: [Row], inject: [Origin] }, ({ n }, { partition }) => {
      if (partition === '1') revoked.abort();
      return rowOf(n);
    });
    await new WaterMill({ process, broker, outputBroker, commitEvery: { elements: 1 } }).run();
    expect(stream.writableEnded).toBe(true);
  });

  it('the lanes of a process, if others are elsewhere', async () => {
    const stream = new PassThrough();
    const broker = new ScriptedBroker([[Item, [{ n: 1 }]]], { lanes: ['0'] });
    const { connect } = broker;
    broker.connect = async (request) => Object.assign(await connect.call(broker, request), { laneCount: 2 });
    const outputBroker = new CustomMessageBroker<any, any>({ sinks: [[Row, stream]] as never });
    await new WaterMill({ process: process_, broker, outputBroker }).run();
    expect(stream.writableEnded).toBe(true);
  });
});

describe('a batch sink with another broker that keeps the progress', () => {
  const input = (count = 10) => new MemoryMessageBroker([[Item, Array.from({ length: count }, (_, n) => ({ n }))]]);
  const millBeside = (broker: MemoryMessageBroker<any>, table: Table, progress?: string, elements = 3) => {
    const outputBroker = new CustomMessageBroker<any, any>({
      sinks: [[Row, table.sink]] as never,
      ...(progress !== undefined && { progress }),
    });
    return new WaterMill({ process: process_, broker, outputBroker, commitEvery: { elements } });
  };

  it.each(['failAt', 'failAfter'] as const)('gets a batch again with its id and its elements: %s', async (where) => {
    for (let at = where === 'failAt' ? 0 : 1; at < 4; at++) {
      const [broker, progress, table] = [input(), folder(), new Table()];
      table[where] = at;
      await rejection(millBeside(broker, table, progress).run());
      table[where] = undefined;
      // Other batches than those of the first run.
      await millBeside(broker, table, progress, 2).run();
      expect(table.rows).toEqual(rows(10));
      expect(table.ends).toBe(1);
    }
  });

  /** A run that ends in some way, and continues with another folder. */
  const endings = ['its end', 'a stop', 'a call that throws', 'a sink that throws'] as const;
  const twoFolders = async (ending: (typeof endings)[number]) => {
    const [broker, table, first] = [input(), new Table(), folder()];
    const warnings: string[] = [];
    const ignored = () => {};
    const warn = (_: object, text: string) => void warnings.push(text);
    const logger = { debug: ignored, info: ignored, warn, error: ignored };
    const run = (progress: string | undefined, isFirst: boolean, sink: unknown = table.sink) => {
      const process = processFunction(Item, { emits: [Row] }, ({ n }) => {
        if (isFirst && n === 5 && ending === 'a stop') void mill.stop();
        if (isFirst && n === 5 && ending === 'a call that throws') throw new Error('no');
        return rowOf(n);
      });
      const options = { sinks: [[Row, sink]], ...(progress !== undefined && { progress }) };
      const outputBroker = new CustomMessageBroker<any, any>(options as never);
      const mill = new WaterMill({ process, broker, outputBroker, commitEvery: { elements: 3 }, logger });
      return mill.run();
    };
    if (ending === 'a sink that throws') table.failAt = 1;
    await run(first, true).catch(() => {});
    table.failAt = undefined;
    warnings.length = 0;
    return { table, first, warnings, run: (progress?: string, sink?: unknown) => run(progress, false, sink) };
  };

  it.each(endings.slice(0, -1))('needs its folder no more after %s', async (ending) => {
    const { table, run, warnings } = await twoFolders(ending);
    await run(folder());
    expect(table.rows).toEqual(rows(10));
    expect(new Set(table.ids).size).toBe(table.ids.length);
    expect(warnings.filter((text) => text.includes('sinks'))).toEqual([]);
  });

  it('needs its folder if it may not have all results', async () => {
    const { table, run, first } = await twoFolders('a sink that throws');
    const other = folder();
    const error = await rejection(run(other));
    expect(error.code).toBe('WM_OUTPUT_CHANGED');
    expect(error.message).toContain(
      `The last commit of lane 0 covers results of Row that may not have reached their sinks, and they are not in ${other}/outbox/lane-0`,
    );
    expect(table.rows).toEqual(rows(3));
    await run(first);
    expect(table.rows).toEqual(rows(10));
  });

  it('may be without a folder then, and misses results, with a warning', async () => {
    const { table, run, first, warnings } = await twoFolders('a sink that throws');
    await run();
    expect(table.rows).toEqual([...rows(3), ...rows(10).slice(6)]);
    expect(warnings).toEqual([expect.stringMatching(/^The last results of Row .* may not have reached their sinks/)]);
    // The run without a folder gave up what was kept.
    expect(await run(first)).toMatchObject({ ended: 'already ended' });
    expect(table.rows).toHaveLength(7);
  });

  it('may be replaced by a function, which gets the kept results', async () => {
    const { table, run, first } = await twoFolders('a sink that throws');
    const seen: Row[] = [];
    await run(first, (row: Row) => void seen.push(row));
    expect([...table.rows, ...seen]).toEqual(rows(10));
  });

  it('keeps the batches of two processes apart, which have the same number if one of them has lost its lane', async () => {
    const place = folder();
    const [stale, owner] = [await Outbox.open(place, [Row]), await Outbox.open(place, [Row])];
    const { name } = await owner.keep(1, [[rowOf(1)]]);
    await stale.keep(1, [[rowOf(2)]]);
    expect((await owner.read(name))?.elements).toEqual([[rowOf(1)]]);
  });

  it('skips nothing when the other broker starts over', async () => {
    const [progress, table] = [folder(), new Table()];
    await millBeside(input(5), table, progress).run();
    await millBeside(input(10), table, progress).run();
    expect(table.rows.slice(-10)).toEqual(rows(10));
  });

  it('gets nothing of another plan, and everything of its own', async () => {
    const [progress, table] = [folder(), new Table()];
    table.failAfter = 1;
    // Its first batch is stored, and was passed to the sink; no commit covers it.
    await rejection(millBeside(input(), table, progress).run());
    table.failAfter = undefined;
    const before = table.rows.length;
    expect(before).toBeGreaterThan(0);
    const outputBroker = new CustomMessageBroker<any, any>({ sinks: [[Row, table.sink]] as never, progress });
    const inputs = [[Item, { order: { slack: 0, by: field(Item, 'n') } }]] as const;
    await new WaterMill({ process: process_, broker: input(), outputBroker, inputs }).run();
    expect(table.rows.slice(before)).toEqual(rows(10));
  });

  it('fails with the folder of its outbox if that cannot be written', async () => {
    const progress = folder();
    const process = processFunction(Item, { emits: [Row] }, ({ n }) => {
      if (n === 3) rmSync(`${progress}/outbox`, { recursive: true });
      return rowOf(n);
    });
    const sinks = [[Row, { write: () => {} }]] as never;
    const broker = new CustomMessageBroker<any, any>({ sources: [[Item, source(5)]] as never, sinks, progress });
    const error = await rejection(new WaterMill({ process, broker }).run());
    expect(error.code).toBe('WM_OUTPUT_FAILED');
    expect(error.message).toContain(`Progress cannot be kept in ${progress}/outbox: ENOENT`);
  });

  it('has an outbox with one owner', async () => {
    const [progress, table] = [folder(), new Table()];
    const second = millBeside(input(), new Table(), progress);
    const write = async (elements: readonly Row[], batch: SinkBatch) => {
      if (table.ids.length === 0) {
        const error = await rejection(second.run());
        expect(error.code).toBe('WM_GROUP_IN_USE');
        expect(error.message).toContain(`${progress}/outbox/lane-0 is in use`);
      }
      await table.sink.write(elements, batch);
    };
    const outputBroker = new CustomMessageBroker<any, any>({ sinks: [[Row, { write }]] as never, progress });
    await new WaterMill({ process: process_, broker: input(), outputBroker }).run();
    expect(table.rows).toEqual(rows(10));
    expect(readdirSync(`${progress}/outbox/lane-0`).filter((name) => name.endsWith('.lock'))).toEqual([]);
  });

  it('gets results at least once without a folder', async () => {
    const [broker, table] = [input(), new Table()];
    table.failAfter = 2;
    await rejection(millBeside(broker, table).run());
    table.failAfter = undefined;
    await millBeside(broker, table).run();
    expect(new Set(table.rows.map(({ id }) => id))).toEqual(new Set(rows(10).map(({ id }) => id)));
  });
});

describe('a Writable', () => {
  const linesOf = (text: unknown): unknown[] =>
    String(text)
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));

  it('gets a line of JSON for each element, and is ended', async () => {
    const stream = new PassThrough();
    await millOf(stream).run();
    expect(linesOf(stream.read())).toEqual(rows(10).map(({ id, at }) => ({ row_id: id, at: at.toJSON() })));
    expect(stream.writableEnded).toBe(true);
    expect(stream.listenerCount('error')).toBe(0);
  });

  it('is awaited', async () => {
    let written = 0;
    let waiting = 0;
    const stream = new Writable({
      highWaterMark: 1,
      write(chunk, _encoding, done) {
        expect(++waiting).toBe(1);
        written += linesOf(chunk).length;
        setImmediate(() => {
          waiting--;
          done();
        });
      },
    });
    await millOf(stream, { count: 5_000 }).run();
    expect(written).toBe(5_000);
  });

  it('may have a serializer', async () => {
    const stream = new PassThrough();
    const broker = new CustomMessageBroker({
      sources: [[Item, source(2)]],
      sinks: [[Row, stream, { serializer: ({ id }: Row) => [id] }]],
    });
    await new WaterMill({ process: process_, broker }).run();
    expect(linesOf(stream.read())).toEqual([[0], [1]]);
  });

  it('that fails, or has ended, fails the mill', async () => {
    const broken = new Writable({ write: (_chunk, _encoding, done) => done(new Error('EPIPE')) });
    const error = await rejection(millOf(broken).run());
    expect(error.code).toBe('WM_SINK_FAILED');
    expect(error.message).toContain('The sink of Row failed at a line: EPIPE');
    const over = new PassThrough().end();
    expect((await rejection(millOf(over).run())).message).toMatch(
      /The sink of Row failed at a line: .*write after end/,
    );
  });

  it.each(['write', 'end'] as const)('whose %s() throws fails the mill', async (call) => {
    const broken = Object.assign(new PassThrough(), {
      [call]: () => {
        throw new Error('not today');
      },
    });
    const error = await rejection(millOf(broken).run());
    expect(error.code).toBe('WM_SINK_FAILED');
    expect(error.message).toContain(`failed at ${call === 'write' ? 'a line' : 'the end of the stream'}: not today`);
  });

  it.each(['stdout', 'stderr'] as const)('is not ended where it is %s', async (name) => {
    const written: string[] = [];
    const spy = jest.spyOn(globalThis.process[name], 'write').mockImplementation(((
      text: string,
      settle: () => void,
    ) => {
      written.push(text);
      settle();
      return true;
    }) as never);
    const end = jest.spyOn(globalThis.process[name], 'end');
    try {
      await millOf(globalThis.process[name], { count: 2 }).run();
      expect(end).not.toHaveBeenCalled();
    } finally {
      spy.mockRestore();
      end.mockRestore();
    }
    expect(linesOf(written.join(''))).toHaveLength(2);
  });
});

describe('the progress folder', () => {
  it('has one owner', async () => {
    const progress = folder();
    const mill = millOf(
      async () => {
        const error = await rejection(millOf(() => {}, { progress }).run());
        expect(error.code).toBe('WM_GROUP_IN_USE');
        expect(error.message).toContain(progress);
      },
      { progress, count: 1 },
    );
    await mill.run();
  });

  it('writes nothing new after an end', async () => {
    const progress = folder();
    const seen: number[] = [];
    const sink = ({ id }: Row) => void seen.push(id);
    await millOf(sink, { progress }).run();
    const report = await millOf(sink, { progress }).run();
    expect(report.ended).toBe('already ended');
    expect(seen).toHaveLength(10);
  });

  it('must be a folder', async () => {
    const progress = folder();
    writeFileSync(progress, '');
    const error = await rejection(millOf(() => {}, { progress }).run());
    expect(error.code).toBe('WM_OUTPUT_FAILED');
    expect(error.message).toContain(`Progress cannot be kept in ${progress}`);
  });

  it('is refused if its commit is invalid', async () => {
    const progress = folder();
    mkdirSync(progress);
    writeFileSync(`${progress}/commit.json`, 'null');
    const error = await rejection(millOf(() => {}, { progress }).run());
    expect(error.code).toBe('WM_COMMIT_UNREADABLE');
    expect(error.message).toContain(`holds for lane 0, in ${progress}/commit.json, cannot be read`);
    expect(readFileSync(`${progress}/commit.json`, 'utf8')).toBe('null');
  });
});
