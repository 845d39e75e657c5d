import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import {
  CustomMessageBroker,
  Field,
  field,
  JsonFileMessageBroker,
  MemoryMessageBroker,
  Message,
  message,
  processFunction,
  type SinkBatch,
  type SourceRequest,
  table,
  WaterMill,
} from 'watermill';
import { range } from '../../mill/support/model.js';
import type { Broker } from '../../mill/support/seam.js';
import { watched } from '../../mill/support/watched-broker.js';
import { stride } from '../../support/cases.js';
import { Item } from '../../support/items.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';

/** One of several results of a call, in the sink. */
@Message()
class Row {
  @Field() n!: number;
  @Field() run!: number;
  @Field() copy!: number;
}

/** The result of a call in a file: the run that made it, and how often this lane was called before. */
@Message()
class Note {
  @Field() n!: number;
  @Field() run!: number;
  @Field() earlier!: number;
}

@Message()
class Count {
  @Field() id!: number;
  @Field() calls!: number;
}

class Counts extends table(Count, { key: field(Count, 'id') }) {}

const directory = temporaryDirectory();
afterAll(() => directory.remove());

const items = range(8).map((n) => ({ n }));
const rowsOf = (n: number, run: number): Row[] => range((n + run) % 3).map((copy) => message(Row, { n, run, copy }));
const isSkipped = (n: number, run: number): boolean => (n + run) % 4 === 1;

/** Each run has other results, another number of them, and other calls that fail. */
const processOf = (run: number) =>
  processFunction(Item, { inject: [Counts], emits: [Row, Note], onError: 'skip' }, ({ n }, counts) => {
    const earlier = counts.get(0)?.calls ?? 0;
    counts.put(message(Count, { id: 0, calls: earlier + 1 }));
    if (isSkipped(n, run)) throw new Error('only in this run');
    return [...rowsOf(n, run), message(Note, { n, run, earlier })];
  });

/** A table of a database: a batch is stored unless its id is known, and must be the same then. */
class Database {
  readonly batches = new Map<string, string>();

  readonly write = (rows: readonly Row[], { id }: SinkBatch): void => {
    const text = JSON.stringify(rows);
    expect(this.batches.get(id) ?? text).toBe(text);
    this.batches.set(id, text);
  };

  get rows(): unknown[] {
    return [...this.batches.values()].flatMap((text) => JSON.parse(text));
  }
}

type World = (place: (name: string) => string, sink: Database['write']) => () => readonly Broker[];

const sinkOf = (progress: string, write: Database['write']) =>
  new CustomMessageBroker<any, any>({ sinks: [[Row, { write }]] as never, progress });

const worlds: Record<string, World> = {
  'memory leads'(place, write) {
    const memory = new MemoryMessageBroker([[Item, items]]);
    return () => [memory, new JsonFileMessageBroker([[Note, place('notes')]]), sinkOf(place('progress'), write)];
  },
  'files lead'(place, write) {
    writeFileSync(place('items'), items.map((item) => `${JSON.stringify(item)}\n`).join(''));
    const entries = [
      [Item, place('items')],
      [Note, place('notes')],
    ] as const;
    return () => [new JsonFileMessageBroker(entries, { group: 'g' }), sinkOf(place('progress'), write)];
  },
  'its own source leads'(place, write) {
    const source = ({ after = -1 }: SourceRequest<number>) => items.slice(after + 1);
    const options = { sources: [[Item, source]], sinks: [[Row, { write }]], progress: place('progress') };
    return () => [
      new CustomMessageBroker<any, any>(options as never),
      new JsonFileMessageBroker([[Note, place('notes')]]),
    ];
  },
};

let places = 0;
function makeWorld(name: string) {
  const number = ++places;
  const place = (file: string): string => directory.file(`${number}-${file}${file === 'progress' ? '' : '.ndjson'}`);
  const database = new Database();
  let onSink = (_: string): void => {};
  const brokers = worlds[name]!(place, (rows, batch) => {
    onSink('before the sink');
    database.write(rows, batch);
    onSink('after the sink');
  });
  const run = async (number: number, onCall = (_: string): void => {}): Promise<void> => {
    onSink = onCall;
    const broker = brokers().map((each) => watched(each, onCall));
    await new WaterMill({ process: processOf(number), broker, commitEvery: { elements: 2 } }).run();
  };
  const notes = (): Note[] =>
    existsSync(place('notes'))
      ? readFileSync(place('notes'), 'utf8')
          .split('\n')
          .slice(0, -1)
          .map((line) => JSON.parse(line))
      : [];
  const kept = (): string[] =>
    readdirSync(place('progress'), { recursive: true })
      .map(String)
      .filter((file) => /\d+-.*\.json$/.test(file));
  return { database, run, notes, kept };
}

/** Fails all calls from the `k`-th one on: the process is dead. A dead process has no locks, so its closes are executed. */
function dyingAt(k: number) {
  let calls = 0;
  return (call: string): void => {
    if (!call.endsWith('lose') && ++calls >= k) throw new Error('crash');
  };
}

describe.each(Object.keys(worlds))('%s: a crash at any call, and calls with other results in each run', (name) => {
  it.each([1, 2])(
    'the sink has exactly the results of the calls whose other results count: %d crashes',
    async (crashes) => {
      let all = 0;
      const undisturbed = makeWorld(name);
      await undisturbed.run(0, () => void all++);
      expect(undisturbed.database.rows).toEqual(items.flatMap(({ n }) => (isSkipped(n, 0) ? [] : rowsOf(n, 0))));
      for (let k = 1; k <= all; k += stride(crashes)) {
        const { database, run, notes, kept } = makeWorld(name);
        let number = 0;
        for (; number < crashes; number++)
          await run(number, dyingAt(number === 0 ? k : 5 + ((k * 7) % all))).catch(() => {});
        await run(number);
        const calls = notes();
        expect(kept()).toEqual([]);
        expect({ k, rows: database.rows }).toEqual({ k, rows: calls.flatMap(({ n, run }) => rowsOf(n, run)) });
        const left = items.filter(({ n }) => !calls.some((call) => call.n === n));
        for (const { n } of left) expect(range(number + 1).some((run) => isSkipped(n, run))).toBe(true);
        expect(calls.map(({ n }) => n)).toEqual([...new Set(calls.map(({ n }) => n))].sort((a, b) => a - b));
        expect(calls.map(({ earlier }) => earlier)).toEqual(range(calls.length));
      }
    },
  );
});
