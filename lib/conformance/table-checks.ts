import type { Json } from '../base/json.js';
import type { Broker } from '../brokers/broker.js';
import type { KeptChange, KeptTables, TableRequest } from '../brokers/kept-tables.js';
import { message } from '../messages/index.js';
import type { Check } from './check.js';
import { ConformanceReading, ConformanceResult } from './conformance-classes.js';
import { connect, type Opened, valuesOf } from './conformance-run.js';
import { expectEqual, expectThat } from './expectations.js';

const streams = [{ message: ConformanceReading, values: valuesOf(10) }];
const outputs = [ConformanceResult];
const tables: readonly TableRequest[] = [{ name: 'conformance', message: ConformanceResult }];

/** The guarantees of the tables of a lane, for brokers that declare them. */
export const tableChecks: readonly Check[] = [
  {
    name: 'tables have the changes of all commits, and no others, in every run',
    async run({ make }) {
      const subject = await make(streams, outputs);
      if (!keepsTables(subject.broker)) return;
      const first = await TableRun.open(subject.broker);
      await first.change({ a: 1, b: 2, c: 3 });
      await first.commit();
      await first.change({ a: 4, c: undefined });
      await first.commit();
      await first.change({ a: 5, b: undefined, d: 6 });
      await first.flush();

      const second = await TableRun.open(await subject.restart());
      expectEqual(second.rows(), { a: 4, b: 2 }, 'the rows of a run after a crash');
      await second.change({ b: undefined, 'é " \\ \n': 7 });
      await second.commit();
      await second.close();

      const third = await TableRun.open(await subject.restart());
      expectEqual(third.rows(), { a: 4, 'é " \\ \n': 7 }, 'the rows of a run after one that was closed');
      await third.close();
    },
  },
  {
    name: 'tables of a lane that starts over are empty',
    async run({ make }) {
      const subject = await make(streams, outputs);
      if (!keepsTables(subject.broker)) return;
      const first = await TableRun.open(subject.broker);
      await first.change({ a: 1, b: 2 });
      await first.commit();
      const second = await TableRun.open(await subject.restart(), 'starts over');
      await second.change({ c: 3 });
      await second.commit();
      const third = await TableRun.open(await subject.restart());
      expectEqual(third.rows(), { c: 3 }, 'the rows after a lane has started over');
      await third.close();
    },
  },
  {
    name: 'changes after a place are all changes since then, where they can be read',
    async run({ make }) {
      const subject = await make(streams, outputs);
      if (!keepsTables(subject.broker)) return;
      const first = await TableRun.open(subject.broker);
      await first.change({ a: 1, b: 2 });
      await first.commit();
      const copy = first.copy();
      await first.change({ a: undefined, c: 3 });
      await first.commit();
      const second = await TableRun.open(await subject.restart(), copy);
      expectEqual(second.kept.id, first.kept.id, 'the id of the tables in the second run');
      expectEqual(second.rows(), { b: 2, c: 3 }, 'the rows after the changes since a place');
      await second.close();
    },
  },
];

function keepsTables({ abilities }: Broker): boolean {
  return abilities.remembers && abilities.tables === true;
}

/** Numbers by key; undefined for a key that is deleted. */
type Changes = Readonly<Record<string, number | undefined>>;

/** The rows of a table as of a commit, as a mill keeps them on disk. */
interface Copy {
  readonly rows: readonly KeptChange[];
  /** Undefined if the broker has no places. */
  readonly place: Json | undefined;
}

/** The table of a lane in one run, as a mill uses it. */
class TableRun {
  private readonly committed = new Map<string, KeptChange>();
  private pending: readonly KeptChange[] = [];

  private constructor(
    private readonly opened: Opened,
    private readonly writer: Awaited<ReturnType<Opened['connection']['openWriter']>>,
    readonly kept: KeptTables,
  ) {}

  static async open(broker: Broker, how?: 'starts over' | Copy): Promise<TableRun> {
    const opened = await connect(broker, [ConformanceReading], outputs, tables);
    const { connection, lane } = opened;
    if (how === 'starts over') await lane.restart?.();
    const marks = how !== 'starts over' && lane.committed !== undefined ? JSON.parse(lane.committed) : {};
    expectThat(lane.openTables !== undefined, 'the lane has no openTables, although the broker keeps tables');
    const kept = await lane.openTables(tables, marks.tables);
    const run = new TableRun(opened, await connection.openWriter(lane.name, marks.writer), kept);
    if (lane.committed === undefined || how === 'starts over') return run;
    await run.restore(how);
    return run;
  }

  /** Reads the table, or only the changes after the place of a copy. */
  private async restore(copy: Copy | undefined): Promise<void> {
    const { kept } = this;
    const place = copy?.place;
    const after = place !== undefined && (await kept.canReadAfter?.(0, place)) ? place : undefined;
    if (copy !== undefined && after !== undefined) this.apply(copy.rows);
    await kept.read(0, (change) => this.apply([change]), undefined, after);
    await kept.restored?.();
  }

  copy(): Copy {
    const place = this.kept.placeOf?.(0);
    const rows = [...this.committed.values()];
    return { rows, place: place === undefined ? undefined : JSON.parse(JSON.stringify(place)) };
  }

  async change(changes: Changes): Promise<void> {
    this.pending = Object.entries(changes).map(([key, index]) => ({ key, value: this.valueOf(key, index) }));
    const { kept, pending, committed } = this;
    const after = new Map([...committed, ...pending.map((change) => [change.key as string, change] as const)]);
    const rows = [...after.values()].filter(({ value }) => value !== undefined);
    if (kept.hold === undefined) await kept.write(0, pending, { size: rows.length, changes: () => rows });
  }

  async flush(): Promise<Json | undefined> {
    const { kept, committed } = this;
    const held = { size: committed.size, changes: () => committed.values() };
    kept.hold?.(0, held, () => this.apply(this.pending));
    return kept.flush();
  }

  async commit(): Promise<void> {
    const writer = await this.writer.flush();
    // As in a commit of a mill: the tables of a lane that does not begin always have a mark.
    const text = JSON.stringify({ writer, tables: (await this.flush()) ?? null });
    await this.opened.lane.commit(text, { positions: [0], marks: [undefined], ended: false });
    if (this.kept.hold === undefined) this.apply(this.pending);
  }

  /** The numbers of the keys, in the order of keys. */
  rows(): Record<string, number> {
    const entries = [...this.committed].map(([key, { value }]): [string, number] => {
      const element = typeof value === 'string' ? JSON.parse(value) : value;
      return [key, element.index];
    });
    return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  async close(): Promise<void> {
    await this.kept.close();
    await this.writer.close();
    await this.opened.connection.close();
  }

  private valueOf(key: string, index: number | undefined): unknown {
    if (index === undefined) return undefined;
    const element = Object.freeze(message(ConformanceResult, { index, text: key }));
    const takesTexts = this.kept.keeps === 'texts' && this.kept.writesElements?.(0) !== true;
    return takesTexts ? JSON.stringify(element) : element;
  }

  private apply(changes: readonly KeptChange[]): void {
    for (const change of changes) {
      const key = change.key as string;
      if (change.value === undefined) this.committed.delete(key);
      else this.committed.set(key, change);
    }
  }
}
