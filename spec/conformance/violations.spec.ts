import type {
  Batch,
  Broker,
  BrokerLane,
  Connection,
  Json,
  KeptTables,
  LaneWriter,
  StreamReader,
  TableRequest,
} from 'watermill';
import { MemoryMessageBroker } from 'watermill';
import { brokerConformance, type ConformanceHarness, type ConformanceStream } from 'watermill/conformance';
import { isDeep } from '../support/cases.js';

/** A violation by a broker, at one place. */
interface Violation {
  broker?(broker: Broker): Partial<Broker>;
  reader?(reader: StreamReader): Partial<StreamReader>;
  writer?(writer: LaneWriter): Partial<LaneWriter>;
  lane?(lane: BrokerLane): Partial<BrokerLane>;
  connection?(connection: Connection): Partial<Connection>;
  /** Of tables whose changes are written, not held. */
  tables?(tables: KeptTables, lane: BrokerLane): Partial<KeptTables>;
}

/** Changes batches on their way. */
const batches = (change: (batch: Batch) => Batch) => (reader: StreamReader) => ({
  read: async () => change(await reader.read()),
});

const fromTheFirst = <T extends object>(object: T, change: Partial<T> | undefined): T =>
  new Proxy(object, {
    get: (_, name) => {
      const value = (change as Record<PropertyKey, unknown> | undefined)?.[name] ?? object[name as keyof T];
      return typeof value === 'function' ? value.bind(object) : value;
    },
  });

function violating(broker: Broker, violation: Violation): Broker {
  const lane = (real: BrokerLane): BrokerLane =>
    fromTheFirst(real, {
      openReader: async (input, mark) => {
        const reader = await real.openReader(input, mark);
        return fromTheFirst(reader, violation.reader?.(reader));
      },
      ...(violation.tables !== undefined && {
        openTables: async (tables: readonly TableRequest[], mark: Json | undefined) => {
          const { hold: _, ...written } = await real.openTables!(tables, mark);
          return { ...written, ...violation.tables?.(written, real) };
        },
      }),
      ...violation.lane?.(real),
    });
  return fromTheFirst(broker, {
    ...violation.broker?.(broker),
    async connect(request) {
      const real = await broker.connect(request);
      return fromTheFirst(real, {
        lanes: () => [...(real.lanes() as Iterable<BrokerLane>)].map(lane),
        openWriter: async (name, mark) => {
          const writer = await real.openWriter(name, mark);
          return fromTheFirst(writer, violation.writer?.(writer));
        },
        ...violation.connection?.(real),
      });
    },
  });
}

/** Returns the failing checks among those with matching names. */
async function failing(violation: Violation, check = /./): Promise<string[]> {
  const harness: ConformanceHarness = {
    breaks: true,
    async make(streams) {
      const iterables = new Map<readonly object[], Iterable<object>>();
      const valuesOf = ({ values, broken }: ConformanceStream) => {
        if (broken) return breaking(values);
        const iterable = iterables.get(values) ?? inBatches(values);
        iterables.set(values, iterable);
        return iterable;
      };
      const broker = new MemoryMessageBroker(streams.map((stream) => [stream.message, valuesOf(stream)] as const));
      return {
        broker: violating(broker, violation),
        restart: () => violating(broker, violation),
        written: (message) => broker.written(message),
        ended: (message) => broker.ended(message),
      };
    },
  };
  const names: string[] = [];
  for (const { name, run } of brokerConformance(harness)) {
    if (!check.test(name)) continue;
    await run().catch(() => names.push(name));
  }
  return names;
}

/** Returns an iterable that is not an array, which would be one batch. */
function inBatches(values: readonly object[]): Iterable<object> {
  return { [Symbol.iterator]: () => values.values() };
}

function* breaking(values: readonly object[]) {
  yield* values;
  throw new Error('broken');
}

/** Commits changes as soon as they are durable, with the text of the commit before. */
function commitsTablesEarly(): Violation {
  let last = '{}';
  return {
    lane: (lane) => ({
      commit(text, progress) {
        last = text;
        return lane.commit(text, progress);
      },
    }),
    tables: (tables, lane) => ({
      async flush() {
        const mark = await tables.flush();
        await lane.commit(last, { positions: [0], marks: [undefined], ended: false });
        return mark;
      },
    }),
  };
}

test('a broker that follows the protocol passes every check', async () => {
  expect(await failing({})).toEqual([]);
});

test('a broker whose entries refer to it passes every check', async () => {
  const broker = (real: Broker): Partial<Broker> => ({
    streamOf(message) {
      const entry = real.streamOf(message);
      const owner = { entries: [] as object[] };
      const own = entry && Object.assign(Object.create(entry), { owner });
      owner.entries.push(own);
      return own;
    },
  });
  expect(await failing({ broker })).toEqual([]);
});

test.each<[string, Violation, RegExp]>([
  [
    'loses the last value of a batch',
    { reader: batches((batch) => ({ ...batch, values: batch.values.slice(0, -1) })) },
    /all values in order/,
  ],
  [
    'gives values in another order',
    { reader: batches((batch) => ({ ...batch, values: batch.values.toReversed() })) },
    /all values in order/,
  ],
  ['never says that a stream has ended', { reader: batches((batch) => ({ ...batch, end: false })) }, /empty stream/],
  ['counts every batch from 0', { reader: batches((batch) => ({ ...batch, first: 0 })) }, /positions increase/],
  [
    'gives marks of the batch after',
    { reader: batches((batch) => ({ ...batch, mark: (batch.mark as number) + 1 })) },
    /every mark opens/,
  ],
  [
    'uses the array of a batch again',
    {
      reader: (reader) => {
        const values: unknown[] = [];
        return {
          read: async () => {
            const batch = await reader.read();
            values.splice(0, values.length, ...batch.values);
            return { ...batch, values };
          },
        };
      },
    },
    /does not change/,
  ],
  [
    'reports a broken stream as an end',
    {
      reader: (reader) => ({
        read: async () => {
          try {
            return await reader.read();
          } catch {
            return { values: [], first: 0, mark: 0, end: true };
          }
        },
      }),
    },
    /cannot be read/,
  ],
  ['has a progress beyond 1', { reader: () => ({ fraction: () => 2 }) }, /how much was read/],
  ['forgets commits', { lane: () => ({ commit: async () => {} }) }, /last commit is found/],
  [
    'takes nothing back',
    { connection: (real) => ({ openWriter: (name) => real.openWriter(name, [{ elements: 1e9, ended: true }]) }) },
    /no end mark|undone/,
  ],
  ['forgets the end mark', { writer: () => ({ end: async () => {} }) }, /one end mark/],
  [
    'loses results',
    { writer: (writer) => ({ write: (output, elements) => writer.write(output, elements.slice(1)) }) },
    /read back in order/,
  ],
  [
    'cannot be closed twice',
    {
      connection: (real) => {
        let closed = 0;
        return {
          close: () => {
            if (closed++ > 0) throw new Error('closed already');
            return real.close();
          },
        };
      },
    },
    /more than once/,
  ],
  [
    'gives the marks of values before',
    { reader: batches((batch) => ({ ...batch, markAt: (index) => (batch.mark as number) + index - 1 })) },
    /every mark of a value/,
  ],
  [
    'takes results without copying them',
    {
      writer: (writer) => ({
        takerOf: () => (element) => element,
        writeTaken: (output, elements) => writer.write(output, elements),
      }),
    },
    /taken before they are written/,
  ],
  ['loses taken results', { writer: () => ({ writeTaken: () => {} }) }, /taken before they are written/],
  [
    'writes all classes to one output',
    { writer: (writer) => ({ write: (_, elements) => writer.write(0, elements) }) },
    /two classes are written/,
  ],
  [
    'cannot release a lane',
    { lane: () => ({ release: () => Promise.reject(new Error('never taken')) }) },
    /two classes are written/,
  ],
  [
    'ends results that are only closed',
    {
      writer: (writer) => ({
        async close() {
          await writer.end();
          await writer.flush();
          await writer.publish();
          return writer.close();
        },
      }),
    },
    /closed without an end/,
  ],
  [
    'throws for a class without a stream',
    {
      broker: (broker) => ({
        streamOf(message) {
          const entry = broker.streamOf(message);
          if (entry === undefined) throw new Error('no such stream');
          return entry;
        },
      }),
    },
    /without a stream/,
  ],
  [
    'cuts off long commits',
    { lane: (lane) => ({ commit: (text, progress) => lane.commit(text.slice(0, 65_536), progress) }) },
    /long commit/,
  ],
  ['keeps changes of tables that were not committed', commitsTablesEarly(), /tables have the changes/],
  [
    'forgets deletions in tables',
    {
      tables: (tables) => ({
        write: (table, changes, whole) =>
          tables.write(
            table,
            changes.filter(({ value }) => value !== undefined),
            whole,
          ),
      }),
    },
    /tables have the changes/,
  ],
  ['forgets tables', { tables: () => ({ read: async () => {} }) }, /tables have the changes/],
  [
    'keeps the tables of a lane that starts over',
    {
      lane: (lane) => ({
        openTables: async (tables, mark) => {
          const { hold: _, ...written } = await lane.openTables!(tables, mark ?? []);
          return written;
        },
      }),
    },
    /tables of a lane that starts over/,
  ],
  [
    'reads too few changes after a place',
    {
      tables: (tables) => ({
        placeOf: () => 0,
        canReadAfter: () => true,
        read: async (table, take, left, after) => {
          if (after === undefined) await tables.read(table, take, left);
        },
      }),
    },
    /changes after a place/,
  ],
])('detects a broker that %s', async (_, violation, check) => {
  const names = await failing(violation, isDeep() ? undefined : check);
  expect(names).toContainEqual(expect.stringMatching(check));
});
