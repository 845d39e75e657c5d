import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import {
  BadMessage,
  type Broker,
  EndOfStream,
  Field,
  field,
  JsonFileMessageBroker,
  joinStreams,
  joinWith,
  MemoryMessageBroker,
  Message,
  message,
  processFunction,
  table,
  UnreadableMessage,
  WaterMill,
} from 'watermill';
import { brokerConformance, type ConformanceSubject } from 'watermill/conformance';
import { record, replay } from 'watermill/testing';
import { Alarm, Next, Order, orders, Price, prices, range, Sale, sell } from '../mill/support/model.js';
import { RecordingLogger } from '../mill/support/recording-logger.js';
import { rejection } from '../mill/support/rejection.js';
import { ScriptedBroker } from '../mill/support/scripted-broker.js';
import type { BrokerLane, StreamReader } from '../mill/support/seam.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { until } from '../support/virtual-clock.js';

const directory = temporaryDirectory();
const freshFolder = directory.newPath;
const lines = (folder: string, name: string): string[] =>
  readFileSync(path.join(folder, 'inputs', `${name}.ndjson`), 'utf8')
    .split('\n')
    .slice(0, -1);
const texts = (logger: RecordingLogger): string[] => logger.lines.map(({ text }) => text);
const seller = (broker: Broker) => new WaterMill({ process: sell, broker });
const streams = () =>
  new MemoryMessageBroker([
    [Order, orders(...range(20))],
    [Price, prices(...range(20))],
  ]);

/** Returns the results of replaying the recording, by class. */
async function replayed(folder: string, makeMill: (broker: Broker) => WaterMill<any>) {
  mkdirSync(path.join(folder, 'expected'), { recursive: true });
  const found = await replay(folder, makeMill);
  return (name: string) => found.filter(({ stream }) => stream === name).map((difference) => difference.found);
}

afterAll(() => directory.remove());

describe('record', () => {
  it('records the messages that a mill reads, and does not change its results', async () => {
    const [plain, under, folder] = [streams(), streams(), freshFolder()];
    const alone = await seller(plain).run();
    const report = await seller(record(under, folder)).run();
    expect(under.written(Sale)).toEqual(plain.written(Sale));
    expect({ ...report, durationMs: 0 }).toEqual({ ...alone, durationMs: 0 });
    expect((await replayed(folder, seller))('Sale')).toEqual(plain.written(Sale).map((sale) => ({ ...sale })));
  });

  it('records bad messages unchanged, and they are bad in a replay', async () => {
    const file = directory.file('orders.ndjson');
    const bad = ['{"time":', '', '{"time":"x","id":"b"}', '7', '[]', '{"time":2,"id":"c","more":[1,null]}'];
    writeFileSync(file, ['{"time":-0,"id":"a"}', ...bad].map((line) => `${line}\n`).join(''));
    const copy = processFunction(Order, { emits: [Alarm] }, ({ id }) => message(Alarm, { text: id }));
    const makeMill = (broker: Broker) =>
      new WaterMill({ process: copy, broker, inputs: [[Order, { onBadMessage: { deadLetter: BadMessage } }]] });
    const folder = freshFolder();
    const out = directory.file('out.ndjson');
    const letters = directory.file('letters.ndjson');
    const files = new JsonFileMessageBroker([
      [Order, file],
      [Alarm, out],
      [BadMessage, letters],
    ]);
    await makeMill(record(files, folder)).run();
    expect(lines(folder, 'Order')).toEqual(['{"time":-0,"id":"a"}', ...bad.filter((line) => line !== '')]);
    const found = await replayed(folder, makeMill);
    expect(found('Alarm')).toEqual([{ text: 'a' }, { text: 'c' }]);
    expect(found('BadMessage')).toMatchObject([{ raw: '{"time":' }, { raw: bad[2] }, { raw: '7' }, { raw: '[]' }]);
  });

  it('records invalid JSON as bad, and values that only the broker can read as good', async () => {
    @Message()
    class Row {
      @Field({ name: 'at_ms' }) at!: Date;
      @Field() count!: bigint;
    }
    const values: unknown[] = [
      { at: new Date(5), count: 7n },
      new UnreadableMessage('', 'nothing'),
      new UnreadableMessage('{"at_ms":0,\n"count":"1"}', 'of two lines'),
      new UnreadableMessage(new Uint8Array([0xff]), 'bytes'),
      { at_ms: 'no date', count: 1 },
      { loop: undefined as unknown },
      message(Row, { at: new Date(6), count: 8n }),
      Number.NaN,
      new EndOfStream(),
      { at: new Date(7), count: 9n },
    ];
    (values[5] as { loop: unknown }).loop = values[5];
    const copy = processFunction(Row, { emits: [Alarm] }, ({ at, count }) =>
      message(Alarm, { text: `${at.getTime()} ${count}` }),
    );
    const makeMill = (broker: Broker) =>
      new WaterMill({ process: copy, broker, inputs: [[Row, { onBadMessage: 'skip' }]] });
    const folder = freshFolder();
    const broker = new MemoryMessageBroker([[Row, values as never]]);
    const report = await makeMill(record(broker, folder)).run();
    expect(report.nodes[0]).toMatchObject({ read: 2, bad: 6 });
    expect((await replayed(folder, makeMill))('Alarm')).toEqual([{ text: '5 7' }, { text: '6 8' }]);
    expect(lines(folder, 'Row')).toHaveLength(8);

    const parse = (raw: Uint8Array) => ({ time: raw[0] as number, id: String(raw[1]) });
    const bytes = [new Uint8Array([1, 2]), new Uint8Array([3, 4])];
    const ofBytes = new MemoryMessageBroker([[Order, bytes, { raw: true, deserializer: parse }]]);
    const wire = freshFolder();
    await new WaterMill({ process: processFunction(Order, {}, () => {}), broker: record(ofBytes, wire) }).run();
    expect(lines(wire, 'Order')).toEqual(['{"time":1,"id":"2"}', '{"time":3,"id":"4"}']);

    const file = directory.file('wire.ndjson');
    const refused = '{"t":"x","time":3,"id":"valid for the class"}';
    writeFileSync(file, `{"t":1}\n{"t":"x"}\n${refused}\n`);
    const deserializer = ({ t }: { t: number }) => ({ time: t, id: 'a' });
    const ofFile = new JsonFileMessageBroker([[Order, file, { deserializer }]]);
    const folderOfFile = freshFolder();
    const skips = processFunction(Order, {}, () => {});
    const inputs = [[Order, { onBadMessage: 'skip' }]] as const;
    await new WaterMill({ process: skips, broker: record(ofFile, folderOfFile), inputs }).run();
    expect(lines(folderOfFile, 'Order')).toEqual(['{"time":1,"id":"a"}', '{"t":"x"}', `unreadable: ${refused}`]);
  });

  it('records what JSON can hold and write, and what it can hold only', async () => {
    @Message()
    class Note {
      @Field(() => Object) json!: unknown;
    }
    const text = '{"json":[1e400,{"a":-1e400,"b":-0}]}';
    const broker = new MemoryMessageBroker([
      [Note, [new UnreadableMessage(`\ufeff${text}`, 'a byte order mark'), JSON.parse(text)]],
    ]);
    const found: unknown[] = [];
    const keep = processFunction(Note, {}, ({ json }) => void found.push(json));
    const inputs = [[Note, { onBadMessage: 'skip' }]] as const;
    const makeMill = (of: Broker) => new WaterMill({ process: keep, broker: of, inputs });
    const folder = freshFolder();
    await makeMill(record(broker, folder)).run();
    const value = [Number.POSITIVE_INFINITY, { a: Number.NEGATIVE_INFINITY, b: -0 }];
    expect(found).toEqual([value]);
    await replayed(folder, makeMill);
    expect(found).toEqual([value, value]);
    expect(lines(folder, 'Note')).toEqual([`unreadable: \ufeff${text}`, text]);
  });

  it('records a stream once per node, even over several readers', async () => {
    const far = 80_000;
    const tree = joinStreams(Order, joinWith(Next, { left: (order) => order.time + far, right: field(Next, 'time') }));
    const process = processFunction(tree, { emits: [Alarm] }, (order, next) =>
      message(Alarm, { text: `${order.time} ${next.of(order).length}` }),
    );
    const times = new Set(range(far + 3_000).map((time) => ({ time, id: '' })));
    const broker = new MemoryMessageBroker([
      [Order, times],
      [Next, times],
    ]);
    const folder = freshFolder();
    await new WaterMill({ process, broker: record(broker, folder) }).run();
    const expected = [...times].map((order) => JSON.stringify(order));
    expect(lines(folder, 'Next')).toEqual(expected);
    expect(lines(folder, 'Order')).toEqual(expected);
  });

  it('records one file per lane if there are several', async () => {
    const folder = freshFolder();
    const broker = new ScriptedBroker([[Order, orders(1, 2)]], { lanes: ['0', '1'] });
    const copy = processFunction(Order, { emits: [Sale] }, ({ id }) => message(Sale, { id, amount: 1 }));
    const makeMill = (broker: Broker) => new WaterMill({ process: copy, broker });
    await makeMill(record(twoLanes(broker), folder)).run();
    expect(readdirSync(path.join(folder, 'inputs', 'Order')).sort()).toEqual(['0.ndjson', '1.ndjson']);
    expect((await replayed(folder, makeMill))('Sale')).toHaveLength(4);
  });

  it('records a stream of another broker, which every lane reads whole, once, and a replay has the same results', async () => {
    const folder = freshFolder();
    const leader = twoLanes(new ScriptedBroker([[Order, orders(1, 2)]], { lanes: ['0', '1'] }));
    const other = new MemoryMessageBroker([[Price, prices(...range(20))], [Sale]]);
    await new WaterMill({ process: sell, broker: [record(leader, folder), record(other, folder)] }).run();
    expect(readdirSync(path.join(folder, 'inputs')).sort()).toEqual(['Order', 'Price.ndjson']);
    const found = (await replayed(folder, seller))('Sale');
    expect(found).toEqual(other.written(Sale).map((sale) => ({ ...sale })));
    expect(found).toHaveLength(4);
  });

  it('contains everything read up to a failure, which replays; a later run leaves it unchanged', async () => {
    const folder = freshFolder();
    const process = (failsAt: number) =>
      processFunction(Order, { emits: [Sale] }, ({ id, time }) => {
        if (time === failsAt) throw new Error('died');
        return message(Sale, { id, amount: time });
      });
    const memory = new MemoryMessageBroker([[Order]]);
    const logger = new RecordingLogger();
    const makeMill = (failsAt: number) => (broker: Broker) =>
      new WaterMill({ process: process(failsAt), broker, logger });
    void memory.push(Order, ...orders(0, 1, 2, 3));
    await rejection(makeMill(3)(record(memory, folder)).run());
    expect((await replayed(folder, makeMill(-1)))('Sale').slice(0, 3)).toEqual(
      memory.written(Sale).map((sale) => ({ ...sale })),
    );
    const before = lines(folder, 'Order');
    expect(before).toHaveLength(4);
    memory.push(Order, ...orders(4));
    memory.end(Order);
    await makeMill(-1)(record(memory, folder)).run();
    expect(memory.written(Sale)).toHaveLength(5);
    expect(lines(folder, 'Order')).toEqual(before);
    expect(texts(logger)).toContain(
      'Order is not recorded: a recording of it is there already; delete it to record again',
    );
  });

  it('stores tables with the commits of the broker', async () => {
    class SalesById extends table(Sale, { key: field(Sale, 'id') }) {}
    const count = processFunction(Order, { inject: [SalesById] }, ({ id }, sales) => {
      sales.put({ id, amount: (sales.get(id)?.amount ?? 0) + 1 });
    });
    const memory = new MemoryMessageBroker([[Order]]);
    memory.push(Order, ...orders(1, 2));
    for (const expected of [1, 2]) {
      const mill = new WaterMill({ process: count, broker: record(memory, freshFolder()) });
      const run = mill.run();
      await until(() => (mill.progress().nodes[0]?.read ?? 0) >= 2);
      await mill.stop();
      await run;
      expect([...mill.table(SalesById).range()].map(({ amount }) => amount)).toEqual([expected, expected]);
      memory.push(Order, ...orders(1, 2));
    }
  });

  it('forwards the messages of readers: that they wait for a commit, and what must be finished', async () => {
    const said = { finishes: true, awaitsCommit: () => true, waitsForMore: () => true };
    const reader: StreamReader = { ...said, read: () => new Promise(() => {}), close: async () => {} };
    const lane = { name: '0', committed: undefined, openReader: async () => reader, commit: async () => {} };
    const broker = new ScriptedBroker([[Order, []]]);
    const request = {
      inputs: [{ message: Order, entry: broker.streamOf(Order) }],
      outputs: [],
      logger: new RecordingLogger(),
    };
    const connection = await record(withLane(broker, lane), freshFolder()).connect(request as never);
    for await (const { openReader } of connection.lanes()) {
      const { finishes, awaitsCommit, waitsForMore } = await openReader(0, undefined);
      expect([finishes, awaitsCommit?.(), waitsForMore?.()]).toEqual([true, true, true]);
    }
    await connection.close();
  });

  it('records the given number of elements per stream, and the run continues', async () => {
    const [folder, broker] = [freshFolder(), streams()];
    await seller(record(broker, folder, { elements: 5 })).run();
    expect(broker.written(Sale)).toHaveLength(20);
    expect([lines(folder, 'Order'), lines(folder, 'Price')].map(({ length }) => length)).toEqual([5, 5]);
  });

  it('does not affect the run if it cannot write', async () => {
    const logger = new RecordingLogger();
    const file = directory.file('a-file');
    writeFileSync(file, '');
    const broker = streams();
    await new WaterMill({ process: sell, broker: record(broker, file), logger }).run();
    expect(broker.written(Sale)).toHaveLength(20);
    expect(texts(logger).filter((text) => text.includes('is not recorded: '))).toHaveLength(2);
    expect(existsSync(path.join(file, 'inputs'))).toBe(false);
  });

  it('refuses an invalid broker, folder or number', () => {
    const broker = streams();
    for (const wrong of [[undefined, 'a'], [broker], [broker, ''], [broker, 'a', { elements: 0 }], [broker, 'a', 5]]) {
      expect(() => record(...(wrong as [Broker, string]))).toThrow('record(): expected ');
    }
    expect(() => record([broker, streams()] as never, 'a')).toThrow('expected one broker (record each of several)');
    const mistyped = { element: 5 } as object;
    expect(() => record(broker, 'a', mistyped)).toThrow('record() has no option "element". Did you mean elements?');
  });
});

/** The same broker with another lane. */
function withLane(broker: Broker, lane: BrokerLane): Broker {
  const { abilities } = broker;
  const connect: Broker['connect'] = async (request) => {
    const { openWriter, close } = await broker.connect(request);
    return { lanes: () => [lane], openWriter, close };
  };
  return { ...broker, abilities, streamOf: broker.streamOf.bind(broker), connect };
}

/** The same broker with two lanes. */
function twoLanes(broker: Broker): Broker {
  const connect: Broker['connect'] = async (request) => {
    const connection = await broker.connect(request);
    const { lanes, openWriter, close } = connection;
    return {
      laneCount: 2,
      lanes: lanes.bind(connection),
      openWriter: openWriter.bind(connection),
      close: close.bind(connection),
    };
  };
  return { ...broker, abilities: broker.abilities, streamOf: broker.streamOf.bind(broker), connect };
}

describe('a recorded broker keeps the protocol:', () => {
  const subjectOf = (broker: MemoryMessageBroker): ConformanceSubject => ({
    broker: record(broker, freshFolder()),
    restart: () => record(broker, freshFolder()),
    written: (message) => broker.written(message),
    ended: (message) => broker.ended(message),
  });
  const checks = brokerConformance({
    breaks: false,
    make: async (streams) =>
      subjectOf(new MemoryMessageBroker(streams.map(({ message, values }) => [message, values] as const))),
  });
  for (const { name, run } of checks) test(name, run);
});
