import { Field, field, Message, message, Origin, processFunction, WaterMill } from 'watermill';
import type { KafkaOptions } from 'watermill/kafka';
import { wireFormatOf } from '../../lib/brokers/kafka/reading/wire-format.js';
import { isEndMark } from '../../lib/brokers/kafka/results/end-mark.js';
import { partitionOfKey } from '../../lib/brokers/kafka/results/key-partition.js';
import { recordKey } from '../../lib/brokers/kafka/results/record-key.js';
import { Order, range, Sale } from '../mill/support/model.js';
import { rejection } from '../mill/support/rejection.js';
import { kafkaBroker } from './support/kafka-broker.js';
import { describeOnKafka } from './support/on-kafka.js';
import { TestCluster } from './support/topics.js';

const bytes = Uint8Array.of(9, 0, 255, 128, 9).subarray(1, 4);

describe('the key of a record', () => {
  it.each<[string, unknown, string | Buffer | null | undefined]>([
    ['text', 'a', 'a'],
    ['no text', '', ''],
    ['a character of two code units', '\u{1f600}', '\u{1f600}'],
    ['half of one', '\ud83d', undefined],
    ['half of one in a tuple', ['\ud83d'], '["\\ud83d"]'],
    ['a Buffer', Buffer.from([0, 255]), Buffer.from([0, 255])],
    ['a part of an array', bytes, Buffer.from([0, 255, 128])],
    ['an ArrayBuffer', Uint8Array.of(1, 2).buffer, Buffer.from([1, 2])],
    ['a DataView', new DataView(Uint8Array.of(1, 2, 3).buffer, 1), Buffer.from([2, 3])],
    ['a number', 1.5, '1.5'],
    ['zero', 0, '0'],
    ['a bigint', 2n ** 64n, '18446744073709551616'],
    ['a boolean', false, 'false'],
    ['a Date', new Date(0), '1970-01-01T00:00:00.000Z'],
    ['a tuple', ['a', 1, 2n], '["a",1,"2"]'],
    ['null', null, null],
    ['undefined', undefined, null],
    ['NaN', Number.NaN, undefined],
    ['an invalid Date', new Date(Number.NaN), undefined],
    ['a function', () => 1, undefined],
    ['a symbol', Symbol('a'), undefined],
    ['an object', { a: undefined, b: [null, true, {}] }, '{"b":[null,true,{}]}'],
    ['an object without a prototype', Object.create(null), '{}'],
    ['an element', Object.assign(new Order(), { time: 1, id: 'a' }), '{"time":1,"id":"a"}'],
    ['a promise', Promise.resolve('a'), undefined],
    ['a Map', new Map([['a', 1]]), undefined],
    ['a Set in a tuple', ['a', new Set(['a'])], undefined],
    ['NaN in a tuple', ['a', Number.NaN], undefined],
    ['an invalid Date in a tuple', ['a', new Date(Number.NaN)], undefined],
    ['undefined in a tuple', ['a', undefined], undefined],
    ['null in a tuple', ['a', null], '["a",null]'],
    ['a function in a tuple', ['a', () => 1], undefined],
    ['a symbol in a tuple', ['a', Symbol('a')], undefined],
  ])('may be %s', (_, value, key) => expect(recordKey(value)).toEqual(key));

  it('is a copy if it is bytes', () => {
    const given = Buffer.from('a');
    const key = recordKey(given);
    given.write('b');
    expect(key).toEqual(Buffer.from('a'));
  });

  it('chooses the same partition as text and as bytes', () => {
    for (const key of ['a', '21', 'żółć', '']) expect(partitionOfKey(Buffer.from(key), 7)).toBe(partitionOfKey(key, 7));
  });
});

describe('an end mark', () => {
  it.each<[string, any, boolean]>([
    ['bytes', { watermill: Buffer.from('end-of-stream') }, true],
    ['one of several', { watermill: [Buffer.from('x'), Buffer.from('end-of-stream')] }, true],
    ['no value', { watermill: null }, false],
    ['another value', { watermill: Buffer.from('x') }, false],
    ['none', {}, false],
  ])('is recognized by its header, which is %s', (_, headers, isMark) => expect(isEndMark({ headers })).toBe(isMark));
});

describe('the format of a value that is not JSON', () => {
  it.each([
    ["Confluent's", Buffer.from([0, 0, 0, 1, 2, 1, 2, 3]), /schema registry \(Confluent's: .* here 258\)/],
    [
      "AWS Glue's",
      Buffer.concat([Buffer.of(3, 5), Buffer.alloc(16, 0xab)]),
      /AWS Glue's .* abababab-abab-abab-abab-abababababab\)/,
    ],
    [
      "Avro's",
      Buffer.from('c3010102030405060708ff', 'hex'),
      /single-object encoding \(schema fingerprint 0102030405060708\)/,
    ],
  ])('may be %s', (_, value, sentence) => expect(wireFormatOf(value)).toMatch(sentence));

  it.each([[Buffer.from('no json')], [Buffer.of(0, 0, 0, 1)], [Buffer.of()]])('is not known of %p', (value) => {
    expect(wireFormatOf(value)).toBeUndefined();
  });
});

@Message()
class Seen {
  @Field({ optional: true }) at?: number;
}

describeOnKafka('records', () => {
  const cluster = new TestCluster();
  beforeAll(() => cluster.open());
  afterAll(() => cluster.close());
  const copy = processFunction(Order, { emits: [Sale] }, ({ id, time }) => message(Sale, { id, amount: time }));
  const orders = (count: number) => range(count).map((time) => ({ time, id: `o${time}` }));

  function mill(from: string, to: string, options: object = {}, entry: object = {}): WaterMill<any> {
    const broker = kafkaBroker(
      [[Order, from] as any, [Sale, to, entry] as any],
      options as Partial<KafkaOptions> as any,
    );
    return new WaterMill({ process: copy, broker });
  }

  it('without bytes are skipped like tombstones, or are bad messages', async () => {
    const [from, to] = [await cluster.topic(), await cluster.topic()];
    await cluster.write(from, [...orders(1), Buffer.alloc(0), null, ...orders(2).slice(1)]);
    await cluster.end(from);
    await mill(from, to, { emptyValues: 'skip' }).run();
    expect((await cluster.values(to)).map(({ amount }) => amount)).toEqual([0, 1]);
    const error = (await rejection(mill(from, to).run())) as Error;
    expect(error).toMatchObject({ code: 'WM_BAD_MESSAGE', details: { position: 1 } });
    expect(error.message).toContain("the record's value has no bytes (which emptyValues: 'skip' passes over)");
  });

  it('are the bytes from a serializer, and are passed to a deserializer unchanged', async () => {
    const [from, to] = [await cluster.topic(), await cluster.topic()];
    await cluster.write(from, orders(3));
    await cluster.end(from);
    const serializer = ({ id, amount }: Sale) => Buffer.from([0xff, amount, ...Buffer.from(id)]);
    await mill(from, to, {}, { serializer }).run();
    const seen: unknown[] = [];
    const deserializer = (bytes: Uint8Array) => ({ id: Buffer.from(bytes.subarray(2)).toString(), amount: bytes[1]! });
    const broker = kafkaBroker([[Sale, to, { raw: true, deserializer }] as any], {} as any);
    await new WaterMill({ process: processFunction(Sale, {}, (sale) => void seen.push({ ...sale })), broker }).run();
    expect(seen).toEqual(range(3).map((time) => ({ id: `o${time}`, amount: time })));
  });

  it('of a schema registry are named by the number of their schema', async () => {
    const [from, to] = [await cluster.topic(), await cluster.topic()];
    await cluster.write(from, [Buffer.from('\0\0\0\0\x07{"time":1,"id":"o1"}')]);
    const error = (await rejection(mill(from, to).run())) as Error;
    expect(error).toMatchObject({ code: 'WM_BAD_MESSAGE', details: { stream: from, position: 0 } });
    expect(error.message).toContain(
      "in the wire format of a schema registry (Confluent's: a zero byte, then the schema's id, here 7)",
    );
    expect(error.message).toContain('raw: true');
    expect(error.message).not.toContain('\0');
  });

  it('without a timestamp have none', async () => {
    const [from, to] = [await cluster.topic(), await cluster.topic()];
    await cluster.writeAt(from, '-1', orders(1)[0] as object);
    await cluster.end(from);
    const see = processFunction(Order, { inject: [Origin], emits: [Seen] }, (_, origin) =>
      message(Seen, { at: origin.timestamp === undefined ? undefined : Number(origin.timestamp) }),
    );
    const broker = kafkaBroker([
      [Order, from],
      [Seen, to],
    ]);
    await new WaterMill({ process: see, broker }).run();
    expect(await cluster.values(to)).toEqual([{}]);
  });

  it.each([[-1], [Number.NaN], [8.65e15]])('do not get the timestamp %p', async (time) => {
    const [from, to] = [await cluster.topic(), await cluster.topic()];
    await cluster.write(from, orders(1));
    const error = await rejection(mill(from, to, {}, { timestamp: () => time }).run());
    expect(error).toMatchObject({ code: 'WM_BAD_RESULT', details: { message: 'Sale' } });
  });

  it('cannot have timestamps of their own in a topic that replaces them', async () => {
    const orders = await cluster.topic();
    const sales = await cluster.topic(1, { 'message.timestamp.type': 'LogAppendTime' });
    await cluster.end(orders);
    const entry = { timestamp: field(Sale, 'amount') };
    const millWith = (...options: object[]): WaterMill => {
      const topics = [[Order, orders], [Sale, sales, ...options] as any] as const;
      const copy = processFunction(Order, { emits: [Sale] }, ({ id }) => message(Sale, { id, amount: 1 }));
      return new WaterMill({ process: copy, broker: kafkaBroker(topics) });
    };
    expect(await rejection(millWith(entry).run())).toMatchObject({
      code: 'WM_BROKER_OPTIONS',
      details: { stream: sales, found: 'LogAppendTime' },
    });
    expect(await millWith().run()).toMatchObject({ ended: 'master ended' });
  });

  it('have keys that are bytes', async () => {
    const [from, to] = [await cluster.topic(), await cluster.topic(3)];
    await cluster.write(from, orders(1));
    await cluster.end(from);
    await mill(from, to, {}, { key: () => bytes, partitionBy: 'key' }).run();
    const found = (await cluster.readEnded(to, 3)).filter(({ isEnd }) => !isEnd);
    expect(found.map(({ key, partition }) => [key, partition])).toEqual([
      [Buffer.from(bytes).toString(), partitionOfKey(Buffer.from(bytes), 3)],
    ]);
  });

  it.each([['compact'], ['compact,delete']])('go to a topic with cleanup.policy %s, and end it', async (policy) => {
    const [from, to] = [await cluster.topic(), await cluster.topic(1, { 'cleanup.policy': policy })];
    await cluster.write(from, orders(2));
    await cluster.end(from);
    await mill(from, to, {}, { key: field(Sale, 'id') }).run();
    expect((await cluster.readEnded(to)).map(({ key, isEnd }) => [key, isEnd])).toEqual([
      ['o0', false],
      ['o1', false],
      ['watermill:end-of-stream', true],
    ]);
    // It is also an end for a reader.
    const back = processFunction(Sale, { emits: [Order] }, ({ id, amount }) => message(Order, { id, time: amount }));
    const copied = await cluster.topic();
    const entries = [
      [Sale, to],
      [Order, copied],
    ] as const;
    await new WaterMill({ process: back, broker: kafkaBroker(entries) }).run();
    expect(await cluster.values(copied)).toHaveLength(2);
  });

  it('end a topic that is not compacted without a key', async () => {
    const [from, to] = [await cluster.topic(), await cluster.topic()];
    await cluster.end(from);
    await mill(from, to).run();
    expect((await cluster.readEnded(to)).map(({ key, isEnd }) => [key, isEnd])).toEqual([[null, true]]);
  });

  it.each<[string, object, string]>([
    ['their entry gives none', {}, 'The entry of Sale has no option key.'],
    ['it gives none for one', { key: () => null }, 'The option key of its entry returned none for this one.'],
  ])('need keys in a compacted topic: %s', async (_, entry, sentence) => {
    const [from, to] = [await cluster.topic(), await cluster.topic(1, { 'cleanup.policy': 'compact' })];
    await cluster.write(from, orders(1));
    const error = (await rejection(mill(from, to, {}, entry).run())) as Error;
    expect(error).toMatchObject({ code: 'WM_BAD_RESULT', details: { message: 'Sale' } });
    expect(error.message).toContain(`An element of Sale has no key, and ${to} is compacted (cleanup.policy)`);
    expect(error.message).toContain(`${sentence} Give the entry a key, such as key: field(…), and partitionBy: 'key'`);
  });
});
