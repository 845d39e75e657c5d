import { Field, Message, type MessageClass, message } from 'watermill';
import {
  type EncodedRecords,
  KafkaClientError,
  type KafkaProducer,
  type OutgoingRecords,
} from '../../lib/brokers/kafka/client.js';
import { writeRecords } from '../../lib/brokers/kafka/kafkajs/records/write-records.js';
import { TableTopics, tableTopic } from '../../lib/brokers/kafka/tables/table-topics.js';
import type { KeptChange } from '../../lib/brokers/kept-tables.js';
import { keyToJson } from '../../lib/expressions/key-json.js';
import { writerOf } from '../../lib/messages/index.js';
import { KeptElements } from '../../lib/tables/kept-elements.js';
import { range } from '../mill/support/model.js';
import { rejection } from '../mill/support/rejection.js';
import { Random } from '../support/random.js';
import { fakeClient, fakeProducer } from './support/fake-client.js';

// The decoder of kafkajs is the oracle.
const Decoder = require('kafkajs/src/protocol/decoder');
const decodeBatch = require('kafkajs/src/protocol/recordBatch/v0/decoder');

@Message()
class Plain {
  @Field() text!: string;
  @Field() count!: number;
}

@Message()
class Nested {
  @Field(() => [String]) list!: string[];
}

@Message()
class Dated {
  @Field() at!: Date;
}

@Message()
class Computed {
  private own = 0;
  @Field() set count(count: number) {
    this.own = count;
  }
  get count(): number {
    return this.own;
  }
}

const texts = [
  '',
  'a',
  'b'.repeat(14),
  'c'.repeat(15),
  'd'.repeat(48),
  'e'.repeat(49),
  'f'.repeat(9_000),
  '"\\',
  'ü€𝄞',
];
const keys = [0, -0, 1, -1.5, 2 ** 53, 1e300, Number.POSITIVE_INFINITY, 7n, true, new Date(5), ['a', 1n], ...texts];
const origin = { producer: 1n, epoch: 0, sequence: 0, inTransaction: true };
const [none, gzip] = [0, 1];

interface Found {
  readonly key: string;
  readonly value: string | null;
}

async function recordsIn(batch: Buffer): Promise<Found[]> {
  const { records } = await decodeBatch(new Decoder(batch));
  return records.map(({ key, value }: any) => ({ key: String(key), value: value === null ? null : String(value) }));
}

/** The tables of a lane on a topic with this limit. `old`: the keys that an earlier lane left in the topic. */
async function tablesOf(message: MessageClass<any>, maxBytes: number | undefined, old?: readonly string[]) {
  const readAll = async (_: string, __: number, take: (record: any) => unknown): Promise<number> => {
    for (const key of old ?? []) take({ key: Buffer.from(key), value: Buffer.from('{}') });
    return 0;
  };
  const setup = {
    ...{ client: fakeClient({ readAll }), group: 'g', partition: 3, now: () => 0, confirm: async () => {} },
    ...{ tables: [{ name: 't', message }], limits: new Map([['g-t-changelog', { maxBytes, isCompacted: true }]]) },
  };
  return TableTopics.open(setup, old !== undefined);
}

/** Sends changes, and returns the batches as their topic gets them. */
async function batchesOf(tables: TableTopics, changes: readonly KeptChange[], compression = none): Promise<Buffer[]> {
  const batches: Buffer[] = [];
  const send = async (topic: string, records: OutgoingRecords): Promise<number> => {
    expect(topic).toBe('g-t-changelog');
    expect((records as EncodedRecords).partition).toBe(3);
    batches.push(Buffer.from(await writeRecords(records, origin, compression)));
    return 10 * batches.length;
  };
  tables.write(0, changes);
  await tables.send(fakeProducer({ send }));
  tables.sent();
  return batches;
}

function randomChange(random: Random): KeptChange {
  const key = random.pick(keys) as KeptChange['key'];
  if (random.int(4) === 0) return { key, value: undefined };
  const count = random.pick([0, -0, 1, 1.5, 1e21, 123_456_789]);
  return { key, value: message(Plain, { text: random.pick(texts), count }) };
}

const expected = ({ key, value }: KeptChange): Found => ({
  key: JSON.stringify(keyToJson(key)),
  value: value === undefined ? null : typeof value === 'string' ? value : writerOf(Plain)(value as Plain),
});

it('the topics of different tables are different', () => {
  const names = [
    ['speed-meter', 'VisitsByUser', 'speed-meter-VisitsByUser-changelog'],
    ['a', 'b-c', 'a-b_2dc-changelog'],
    ['a-b', 'c', 'a-b-c-changelog'],
    ['a', 'b c', 'a-b_20c-changelog'],
    ['a', 'b_20c', 'a-b_5f20c-changelog'],
    ['a', 'b_c', 'a-b_c-changelog'],
    ['a', '\u020a', 'a-_c8_8a-changelog'],
    ['a', ' a', 'a-_20a-changelog'],
  ] as const;
  for (const [group, table, topic] of names) expect(tableTopic(group, table)).toBe(topic);
});

describe('the changes of a table', () => {
  it.each([none, gzip])('are records that any client reads (compression %i)', async (compression) => {
    const tables = await tablesOf(Plain, undefined);
    for (const random of range(20).map((seed) => new Random(seed))) {
      const changes = range(1 + random.int(150)).map(() => randomChange(random));
      const [batch, ...more] = await batchesOf(tables, changes, compression);
      expect(more).toEqual([]);
      expect(await recordsIn(batch!)).toEqual(changes.map(expected));
    }
  });

  it('may be many, with large offsets in their batch', async () => {
    const tables = await tablesOf(Plain, undefined);
    const changes = range(9_000).map((key) => ({ key, value: message(Plain, { text: 'x', count: key }) }));
    const [batch] = await batchesOf(tables, changes);
    expect(await recordsIn(batch!)).toEqual(changes.map(expected));
  });

  it('are texts if elements are not plain', async () => {
    expect((await tablesOf(Plain, undefined)).writesElements(0)).toBe(true);
    const tables = await tablesOf(Nested, undefined);
    expect(tables.writesElements(0)).toBe(false);
    const changes = texts.map((text) => ({ key: text, value: JSON.stringify({ list: [text] }) }));
    const [batch] = await batchesOf(tables, changes);
    expect(await recordsIn(batch!)).toEqual(changes.map(expected));
  });

  it.each([
    [Plain, true],
    [Nested, false],
    [Dated, false],
    [Computed, false],
  ])('are taken from elements of %p at the commit: %s', (message, isConstant) => {
    expect(new KeptElements<object>('t', message).isConstant).toBe(isConstant);
  });

  it.each([
    [10_000, 'x'.repeat(30)],
    [100_000, 'ü'.repeat(300)],
    [undefined, '€'.repeat(3_000)],
  ])('are sent in requests that the topic accepts (max.message.bytes: %s)', async (maxBytes, text) => {
    const tables = await tablesOf(Plain, maxBytes);
    const changes = range(2_000).map((key) => ({ key, value: message(Plain, { text, count: 1 }) }));
    const batches = await batchesOf(tables, changes);
    const found = (await Promise.all(batches.map(recordsIn))).flat();
    expect(found).toEqual(changes.map(expected));
    const most = maxBytes ?? 1_048_588;
    for (const { length } of batches) expect(length).toBeLessThanOrEqual(most);
    // No request would have had room for the first record of the next one.
    const size = (batches[0]!.length - 61) / (await recordsIn(batches[0]!)).length;
    for (const { length } of batches.slice(0, -1)) expect(length).toBeGreaterThan(most - size - 10);
  });

  it('are sent alone if they are larger than their topic is said to accept', async () => {
    const tables = await tablesOf(Plain, 100);
    const changes = ['a', 'b'].map((key) => ({ key, value: message(Plain, { text: key.repeat(200), count: 1 }) }));
    const batches = await batchesOf(tables, changes);
    expect(await Promise.all(batches.map(recordsIn))).toEqual(changes.map((change) => [expected(change)]));
  });

  it('are sent again in halves, in order, if their topic accepts less than is known', async () => {
    const tables = await tablesOf(Plain, undefined);
    const changes = range(50).map((seed) => randomChange(new Random(seed)));
    const found: Found[] = [];
    const send: KafkaProducer['send'] = async (_, records) => {
      if (records.length > 7) throw new KafkaClientError('too large', 'too many');
      found.push(...(await recordsIn(await writeRecords(records, origin, none))));
      return found.length;
    };
    tables.write(0, changes);
    await tables.send(fakeProducer({ send }));
    tables.sent();
    expect(found).toEqual(changes.map(expected));
    expect(tables.placeOf(0)).toEqual([50, expect.any(Number)]);
  });

  it.each([
    [undefined, 'fewer'],
    [150, 'at most 150'],
  ])('fail with the table and its topic if one alone is too large (max.message.bytes: %s)', async (maxBytes, most) => {
    const tables = await tablesOf(Plain, maxBytes);
    tables.write(0, [{ key: 1, value: message(Plain, { text: 'x'.repeat(100), count: 1 }) }]);
    const send: KafkaProducer['send'] = async () => {
      throw new KafkaClientError('too large', 'too many');
    };
    const error = (await rejection(tables.send(fakeProducer({ send })))) as Error;
    expect(error).toMatchObject({
      ...{ code: 'WM_KAFKA_FAILED', cause: { kind: 'too large' } },
      details: { stream: 'g-t-changelog', message: 'Plain', table: 't', expected: `${most} bytes`, found: '192' },
    });
    expect(error.message).toBe(
      `An element of Plain in the table t is too large for g-t-changelog: it takes 192 bytes as a record, and the topic accepts ${most} (max.message.bytes). ` +
        'Put smaller elements, or raise max.message.bytes of the topic.',
    );
  });

  it('end with the deletion of the keys that an earlier lane left, once', async () => {
    const tables = await tablesOf(Plain, 120, ['"a"', '"b"', '"c"', '"d"']);
    const changes = [{ key: 'b', value: message(Plain, { text: 'b', count: 1 }) }];
    const found = (await Promise.all((await batchesOf(tables, changes)).map(recordsIn))).flat();
    expect(found).toEqual([...changes.map(expected), ...['"a"', '"c"', '"d"'].map((key) => ({ key, value: null }))]);
    expect(await batchesOf(tables, [])).toEqual([]);
  });

  it('are encoded while the request before them is on its way, which does not change', async () => {
    const tables = await tablesOf(Plain, 1_000);
    const changes = range(100).map((key) => ({ key, value: message(Plain, { text: 'x'.repeat(40), count: key }) }));
    const found: Found[] = [];
    let open = 0;
    const send: KafkaProducer['send'] = async (_, records) => {
      expect(open++).toBe(0);
      for (const _turn of range(5)) await new Promise(setImmediate);
      found.push(...(await recordsIn(await writeRecords(records, origin, none))));
      open--;
      return found.length;
    };
    tables.write(0, changes);
    await tables.send(fakeProducer({ send }));
    expect(found).toEqual(changes.map(expected));
    tables.sent();
    expect(tables.placeOf(0)).toEqual([100, expect.any(Number)]);
  });

  it('are written into the same memory for all lanes, as far as it is not large', async () => {
    let memory: Buffer[] = [];
    const send: KafkaProducer['send'] = async (_, records) => {
      memory.push((records as EncodedRecords).bytes);
      return 1;
    };
    const sendFrom = async (changes: readonly KeptChange[]): Promise<void> => {
      const tables = await tablesOf(Plain, 10_000);
      tables.write(0, changes);
      await tables.send(fakeProducer({ send }));
      tables.sent();
    };
    const usedBy = async (work: () => Promise<unknown>): Promise<Set<Buffer>> => {
      memory = [];
      await work();
      return new Set(memory);
    };
    const changes = range(500).map((key) => ({ key, value: message(Plain, { text: 'x'.repeat(40), count: key }) }));
    const atOnce = () => Promise.all(range(10).map(() => sendFrom(changes)));
    const first = await usedBy(atOnce);
    expect([...(await usedBy(atOnce))].filter((bytes) => first.has(bytes)).length).toBeLessThanOrEqual(4);
    await sendFrom([{ key: 1, value: message(Plain, { text: 'x'.repeat(3_000_000), count: 1 }) }]);
    const inTurn = await usedBy(async () => {
      for (const _lane of range(10)) await sendFrom(changes);
    });
    expect(inTurn.size).toBeLessThanOrEqual(4);
    for (const { length } of inTurn) expect(length).toBeLessThanOrEqual(4 * 1_048_576);
  });

  it('leave the memory of a request that failed alone, and are sent once by the next attempt', async () => {
    const tables = await tablesOf(Plain, 200);
    const changes = range(20).map((key) => ({ key, value: message(Plain, { text: 'x'.repeat(40), count: key }) }));
    tables.write(0, changes);
    let failed: Buffer | undefined;
    const send: KafkaProducer['send'] = async (_, records) => {
      failed = (records as EncodedRecords).bytes;
      throw new Error('it broke');
    };
    await expect(tables.send(fakeProducer({ send }))).rejects.toThrow('it broke');
    const before = Buffer.from(failed!);
    const found = (await Promise.all((await batchesOf(tables, [])).map(recordsIn))).flat();
    expect(found).toEqual(changes.map(expected));
    expect(failed!.equals(before)).toBe(true);
  });

  it('fail with the first request that fails, after which nothing is sent', async () => {
    const tables = await tablesOf(Plain, 200);
    tables.write(
      0,
      range(20).map((key) => ({ key, value: message(Plain, { text: 'x'.repeat(40), count: key }) })),
    );
    let sent = 0;
    const send: KafkaProducer['send'] = async () => {
      if (++sent === 2) throw new Error('it broke');
      return sent;
    };
    await expect(tables.send(fakeProducer({ send }))).rejects.toThrow('it broke');
    expect(sent).toBe(2);
    expect(tables.placeOf(0)).toBeUndefined();
  });
});
