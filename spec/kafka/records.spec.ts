import type { KafkaRecord, OutgoingRecord } from '../../lib/brokers/kafka/client.js';
import { BatchNumbers } from '../../lib/brokers/kafka/kafkajs/records/batch-numbers.js';
import { readFetchAnswer } from '../../lib/brokers/kafka/kafkajs/records/fetch-answer.js';
import { withOldRecords } from '../../lib/brokers/kafka/kafkajs/records/old-records.js';
import { readRecords } from '../../lib/brokers/kafka/kafkajs/records/read-records.js';
import { writeRecords } from '../../lib/brokers/kafka/kafkajs/records/write-records.js';
import { range } from '../mill/support/model.js';
import { Random } from '../support/random.js';

// The encoder and decoder of kafkajs are the oracle: nothing else here uses them.
const Decoder = require('kafkajs/src/protocol/decoder');
const decodeBatch = require('kafkajs/src/protocol/recordBatch/v0/decoder');
const { RecordBatch } = require('kafkajs/src/protocol/recordBatch/v0');
const encodeRecord = require('kafkajs/src/protocol/recordBatch/record/v0');
const oldMessage = require('kafkajs/src/protocol/message/v1');
const Encoder = require('kafkajs/src/protocol/encoder');
const fetchV4 = require('kafkajs/src/protocol/requests/fetch/v4/response');
const fetchV10 = require('kafkajs/src/protocol/requests/fetch/v10/response');

const origin = { producer: 7n, epoch: 3, sequence: 5, inTransaction: false };
const [none, gzip] = [0, 1];

function randomRecords(random: Random): OutgoingRecord[] {
  const texts = ['', 'a', 'text', 'ü€𝄞', 'x'.repeat(63), 'y'.repeat(64), 'z'.repeat(300), '\ud800'];
  const bytes = () =>
    random.int(3) === 0 ? null : random.int(2) === 0 ? random.pick(texts) : Buffer.from(random.pick(texts));
  const headers = () =>
    Object.fromEntries(range(random.int(3)).map((i) => [`h${i}${random.pick(['', 'ü€'])}`, random.pick(texts)]));
  return range(1 + random.int(40)).map(() => ({
    partition: 0,
    key: bytes(),
    value: bytes(),
    timestamp: random.int(3) === 0 ? undefined : 1_700_000_000_000 + random.int(1_000) * 10 ** random.int(8),
    ...(random.int(2) === 0 && { headers: headers() }),
  }));
}

const asText = (value: string | Buffer | null | undefined) =>
  value == null ? null : Buffer.from(value).toString('hex');

function shown({ offset, key, value, timestamp, headers }: any) {
  const named = Object.entries(headers ?? {}).map(([name, each]: any) => [name, asText(each)]);
  return {
    offset: Number(offset),
    key: asText(key),
    value: asText(value),
    timestamp: Number(timestamp),
    headers: named,
  };
}

function expected(records: readonly OutgoingRecord[], now: number, first = 0) {
  return records.map((record, i) => shown({ timestamp: now, ...definedOf(record), offset: first + i }));
}

function definedOf({ timestamp, ...record }: OutgoingRecord) {
  return timestamp === undefined ? record : { ...record, timestamp };
}

/** A batch as returned by a broker: it begins at an offset. */
async function stored(
  records: readonly OutgoingRecord[],
  first: number,
  changes: Partial<typeof origin> & { compression?: number } = {},
) {
  const { compression = none, ...own } = changes;
  const batch = await writeRecords(records, { ...origin, ...own }, compression);
  batch.writeBigInt64BE(BigInt(first), 0);
  return batch;
}

/** The marker at the end of a transaction. */
async function mark(offset: number, producer: bigint, isCommit: boolean): Promise<Buffer> {
  const key = Buffer.from([0, 0, 0, isCommit ? 1 : 0]);
  const batch = await stored([{ partition: 0, key, value: Buffer.alloc(6) }], offset, {
    producer,
    inTransaction: true,
  });
  batch.writeInt16BE(batch.readInt16BE(21) | 0x20, 21);
  return batch;
}

const texts = (values: readonly string[]) => values.map((value) => ({ partition: 0, key: null, value }));
const read = async (
  batches: readonly Buffer[],
  from = 0,
  aborted: { producer: bigint; firstOffset: number }[] = [],
) => {
  const found = await readRecords(Buffer.concat(batches), from, aborted);
  return found && { ...found, records: found.records.map((record) => `${record.offset}:${record.text()}`) };
};

describe('a batch of records', () => {
  beforeEach(() => {
    jest.spyOn(Date, 'now').mockReturnValue(1_750_000_000_123);
  });
  afterEach(() => jest.restoreAllMocks());

  it.each([none, gzip])('is written as kafkajs reads it, with its checksum (compression %i)', async (compression) => {
    for (const random of range(60).map((seed) => new Random(seed))) {
      const records = randomRecords(random);
      const batch = await writeRecords(records, origin, compression);
      const decoded = await decodeBatch(new Decoder(batch));
      expect(decoded.records.map(shown)).toEqual(expected(records, Date.now()));
      expect(decoded).toMatchObject({ producerId: '7', producerEpoch: 3, firstSequence: 5, inTransaction: false });
      const times = records.map(({ timestamp = Date.now() }) => timestamp);
      expect(Number(decoded.maxTimestamp)).toBe(Math.max(...times));
      const again = await RecordBatch({
        ...{ compression, producerId: '7', producerEpoch: 3, firstSequence: 5, lastOffsetDelta: records.length - 1 },
        ...{ firstTimestamp: times[0], maxTimestamp: Math.max(...times) },
        records: records.map((record, i) =>
          encodeRecord({ ...record, offsetDelta: i, timestampDelta: times[i]! - times[0]! }),
        ),
      });
      expect(batch.equals(again.buffer)).toBe(true);
    }
  });

  it.each([none, gzip])('is read as it was written, from any offset (compression %i)', async (compression) => {
    for (const random of range(60).map((seed) => new Random(seed))) {
      const first = random.pick([0, 3, 2 ** 31 - 5, 2 ** 40]);
      const [one, two] = [randomRecords(random), randomRecords(random)];
      const bytes = [await stored(one, first, { compression }), await stored(two, first + one.length, { compression })];
      const all = expected([...one, ...two], Date.now(), first);
      const from = first + random.int(all.length);
      const found = await readRecords(Buffer.concat(bytes), from, []);
      expect(found?.records.map(shown)).toEqual(all.slice(from - first));
      expect(found?.next).toBe(first + all.length);
      for (const record of found!.records) {
        expect(record.valueLength).toBe(record.value?.length ?? -1);
        if (record.value !== null) expect(record.text()).toBe(record.value.toString());
      }
    }
  });

  it('keeps the timestamps of the earliest and latest dates', async () => {
    const times = [8.64e15, 0, 1_700_000_000_001, 8.64e15 - 1, 2 ** 52, 1];
    const records = times.map((timestamp) => ({ partition: 0, key: null, value: 'v', timestamp }));
    for (const batch of [await stored(records, 0), await stored([...records].reverse(), 0)]) {
      const found = (await readRecords(batch, 0, []))!.records.map(({ timestamp }) => timestamp);
      expect(found.sort((a, b) => a - b)).toEqual([...times].sort((a, b) => a - b));
      const known = (await decodeBatch(new Decoder(batch))).records.map((record: any) => Number(record.timestamp));
      expect(known.sort((a: number, b: number) => a - b)).toEqual(found);
    }
  });

  it('has all values of a repeated header, and a null header', async () => {
    const names = ['a', 'b', 'a', '__proto__'];
    const encoded = encodeRecord({ value: 'v', headers: {}, timestampDelta: 0, offsetDelta: 0 }).buffer as Buffer;
    const headers = Buffer.concat(
      names.map((name, i) =>
        Buffer.concat([
          Buffer.of(name.length * 2),
          Buffer.from(name),
          ...(i === 1 ? [Buffer.of(1)] : [Buffer.of(2, 48 + i)]),
        ]),
      ),
    );
    const body = Buffer.concat([encoded.subarray(1, -1), Buffer.of(names.length * 2), headers]);
    const batch = Buffer.concat([(await stored(texts(['v']), 0)).subarray(0, 61), Buffer.of(body.length * 2), body]);
    batch.writeInt32BE(batch.length - 12, 8);
    const record = (await readRecords(batch, 0, []))!.records[0] as KafkaRecord;
    expect(Object.entries(record.headers)).toEqual([
      ['a', [Buffer.from('0'), Buffer.from('2')]],
      ['b', null],
      ['__proto__', Buffer.from('3')],
    ]);
  });

  it('has the timestamp of the broker if the broker stamps records', async () => {
    const batch = await stored([{ partition: 0, key: null, value: 'v', timestamp: 5 }], 0);
    batch.writeInt16BE(0x08, 21);
    batch.writeBigInt64BE(99n, 35);
    expect((await readRecords(batch, 0, []))?.records[0]?.timestamp).toBe(99);
  });

  it('is left for the next fetch if it is incomplete', async () => {
    const batches = [await stored(texts(['a', 'b']), 0), await stored(texts(['c']), 2)];
    const bytes = Buffer.concat(batches);
    for (let cut = batches[0]!.length; cut < bytes.length; cut++) {
      expect(await read([bytes.subarray(0, cut)])).toEqual({ records: ['0:a', '1:b'], next: 2 });
    }
    expect(await read([batches[0]!.subarray(0, 70)])).toBeUndefined();
    expect(await read([])).toBeUndefined();
  });

  it('may lack records at its end due to compaction: the next offset is after them', async () => {
    const batch = await stored(texts(['a']), 4);
    batch.writeInt32BE(9, 23);
    expect(await read([batch])).toEqual({ records: ['4:a'], next: 14 });
  });

  it('is an error if a record reaches beyond it', async () => {
    const batch = await stored(texts(['abc']), 7);
    batch.writeInt8(50, 61);
    expect(await damage(batch)).toBe('a record reaches beyond it');
  });

  it.each([
    ['a value', 'abc', 66, 10], // by one byte
    ['a key', 'abc', 65, 60],
    ['the value of the second record', 'abc', 76, 10],
  ])('is an error if %s reaches beyond its record', async (_, value, at, length) => {
    const batch = await stored(texts([value, value]), 7);
    batch.writeInt8(length, at);
    expect(await damage(batch)).toBe('a key or value reaches beyond its record');
  });

  it('ends its headers at its end, however many a damaged record claims to have', async () => {
    const batch = await stored([{ partition: 0, key: null, value: 'abc', headers: { name: 'value' } }], 7);
    const at = batch.indexOf('abc') + 3;
    // 2 ** 20 - 1 in three bytes.
    Buffer.of(0xfe, 0xff, 0x7f).copy(batch, at);
    const [record] = (await readRecords(batch, 0, []))!.records;
    expect(Object.values(record!.headers).flat().length).toBeLessThan(batch.length);
  });

  it.each([-13, -12, 0, 48])('is an error if its length is %i, less than its header', async (length) => {
    const batch = await stored(texts(['a']), 7);
    batch.writeInt32BE(length, 8);
    expect(await damage(batch)).toBe('it is shorter than its header');
  });

  it('is an error in a newer format', async () => {
    const batch = await stored(texts(['a']), 7);
    batch.writeInt8(3, 16);
    expect(await damage(batch)).toBe('its format is 3, which is unknown');
  });

  async function damage(batch: Buffer): Promise<string> {
    const found = await read([await stored(texts(['x', 'y']), 5), batch, await stored(texts(['z']), 9)], 6);
    expect(found).toEqual({ records: ['6:y'], next: 7, undecoded: { offset: 7, why: expect.any(String) } });
    const start = 'the batch is damaged: ';
    expect(found!.undecoded!.why.slice(0, start.length)).toBe(start);
    return found!.undecoded!.why.slice(start.length);
  }

  it('that cannot be decompressed ends the records of the fetch', async () => {
    const broken = await stored(texts(['c', 'd']), 2, { compression: gzip });
    broken.fill(0, 61);
    const found = await read([await stored(texts(['a', 'b']), 0), broken, await stored(texts(['e']), 4)], 1);
    const why = expect.stringMatching(/^they are compressed with gzip, and its codec failed: /);
    expect(found).toEqual({ records: ['1:b'], next: 2, undecoded: { offset: 2, why } });
  });
});

describe('transactions', () => {
  it('hide aborted records and markers, whatever the order in which they began and ended', async () => {
    const of = (producer: bigint) => ({ producer, inTransaction: true });
    const batches = [
      await stored(texts(['a']), 0, of(1n)),
      await stored(texts(['b']), 1, of(2n)),
      await stored(texts(['c']), 2),
      await mark(3, 2n, false),
      await stored(texts(['d']), 4, of(2n)),
      await stored(texts(['e']), 5, of(1n)),
      await mark(6, 1n, false),
      await mark(7, 2n, true),
      await stored(texts(['f', 'g']), 8, of(1n)),
      await mark(10, 1n, true),
    ];
    const aborted = [
      { producer: 2n, firstOffset: 1 },
      { producer: 1n, firstOffset: 0 },
    ];
    expect(await read(batches, 0, aborted)).toEqual({ records: ['2:c', '4:d', '8:f', '9:g'], next: 11 });
    // If a fetch begins in the middle of both, both are listed.
    expect(await read(batches.slice(5), 5, aborted)).toEqual({ records: ['8:f', '9:g'], next: 11 });
    const both = [await stored(texts(['h']), 5, of(2n)), await stored(texts(['i']), 6, of(3n))];
    expect(await read(both, 5, aborted)).toEqual({ records: ['6:i'], next: 7 });
    expect(await read(batches.slice(9), 10)).toEqual({ records: [], next: 11 });
  });
});

describe('a fetch response', () => {
  const asked = () => 0;

  function partitionHead(version: number, high: number, { error = 0, stable = high, partition = 2 }): Encoder {
    const encoder = new Encoder().writeInt32(partition).writeInt16(error).writeInt64(high).writeInt64(stable);
    if (version >= 5) encoder.writeInt64(0);
    return encoder.writeInt32(1).writeInt64(9).writeInt64(1); // an aborted transaction
  }
  interface Encoder {
    writeInt32(value: number): Encoder;
    writeInt16(value: number): Encoder;
    writeInt64(value: number): Encoder;
    writeString(value: string): Encoder;
    writeBytes(value: Buffer): Encoder;
    writeEncoder(value: Encoder): Encoder;
    readonly buffer: Buffer;
  }

  function answerOf(version: number, records: Buffer, options = {}): Buffer {
    return answerWith(version, [partitionHead(version, 30, options).writeBytes(records)]);
  }

  function answerWith(version: number, partitions: readonly Encoder[]): Buffer {
    const encoder: Encoder = new Encoder().writeInt32(40);
    if (version >= 7) encoder.writeInt16(0).writeInt32(0);
    encoder.writeInt32(1).writeString('topic').writeInt32(partitions.length);
    for (const partition of partitions) encoder.writeEncoder(partition);
    return encoder.buffer;
  }

  const old = (value: string, offset: number) => {
    const message = oldMessage({ key: 'k', value, timestamp: 1_000 + offset });
    return new Encoder().writeInt64(offset).writeInt32(message.size()).writeEncoder(message).buffer as Buffer;
  };

  it.each([
    [4, fetchV4],
    [10, fetchV10],
  ])('of version %i is read as kafkajs reads it', async (version, { decode }) => {
    const bytes = answerOf(version, await stored(texts(['a', 'b']), 0));
    const [ours, theirs] = [await readFetchAnswer(bytes, version, asked), await decode(bytes)];
    const [found] = ours.responses[0]!.partitions;
    const [known] = theirs.responses[0].partitions;
    expect(ours).toMatchObject({ throttleTime: theirs.throttleTime });
    expect(ours.clientSideThrottleTime).toBe(theirs.clientSideThrottleTime ?? 0);
    expect(found).toMatchObject({ partition: known.partition, errorCode: 0, highWatermark: known.highWatermark });
    expect(found!.messages[0]).toMatchObject({ offset: '1' });
    expect(found!.messages[0]!.fetched.records.map(shown)).toEqual(known.messages.map(shown));
  });

  it('has a message that kafkajs accepts if the first record cannot be decompressed', async () => {
    const broken = await stored(texts(['a']), 7, { compression: gzip });
    broken.fill(0, 61);
    const answer = await readFetchAnswer(answerOf(10, broken), 10, () => 7);
    const [{ offset, fetched }] = answer.responses[0]!.partitions[0]!.messages as any;
    expect([offset, fetched.next, fetched.undecoded.offset]).toEqual(['7', 7, 7]);
  });

  it('with records from before Kafka 0.11 is left to kafkajs', async () => {
    const bytes = answerOf(10, Buffer.concat([old('a', 3), old('b', 4), old('c', 5)]));
    const found = await readFetchAnswer(bytes, 10, asked);
    const { responses } = withOldRecords(found, await fetchV10.decode(bytes), () => 4) as any;
    const [{ offset, fetched }] = responses[0].partitions[0].messages;
    expect([offset, fetched.next]).toEqual(['5', 6]);
    expect(fetched.records.map((record: KafkaRecord) => [record.text(), record.valueLength])).toEqual([
      ['b', 1],
      ['c', 1],
    ]);
    expect(shown(fetched.records[0])).toEqual({ offset: 4, key: '6b', value: '62', timestamp: 1_004, headers: [] });
  });

  it('has no aborted records of other partitions than those with old records', async () => {
    const aborted = Buffer.concat([
      await stored(texts(['a']), 1, { producer: 9n, inTransaction: true }),
      await mark(2, 9n, false),
      await stored(texts(['b']), 3),
    ]);
    const partitions = [
      partitionHead(10, 30, { partition: 0 }).writeBytes(old('c', 3)),
      partitionHead(10, 30, { partition: 1 }).writeBytes(aborted),
    ];
    const bytes = answerWith(10, partitions);
    const { responses } = withOldRecords(await readFetchAnswer(bytes, 10, asked), await fetchV10.decode(bytes), asked);
    const found = responses[0]!.partitions.map(({ messages }) =>
      messages[0]?.fetched.records.map((each) => each.text()),
    );
    expect(found).toEqual([['c'], ['b']]);
  });

  it('says that the requested offset is gone, which kafkajs would replace in the group', async () => {
    const answer = await readFetchAnswer(answerOf(10, Buffer.alloc(0), { error: 1 }), 10, () => 7);
    expect(answer.responses[0]!.partitions[0]).toMatchObject({
      errorCode: 0,
      messages: [{ offset: '7', fetched: { records: [], next: 7, isOutOfRange: true } }],
    });
  });

  it.each([
    ['nothing follows', {}, 30, true],
    ['records follow, for which there was no space', {}, 29, false],
    ['an open transaction follows', { stable: 25 }, 25, false],
    ['the leader does not know yet what was read from the former one', {}, 31, false],
    ['the partition has an error', { error: 6 }, 30, false],
  ])('says whether a partition was read to its end: %s', async (_, options, from, isAtEnd) => {
    const answer = await readFetchAnswer(answerOf(10, Buffer.alloc(0), options), 10, () => from);
    expect(answer.responses[0]!.partitions[0]).toMatchObject({ isAtEnd, messages: [] });
  });

  it('has not read a partition to its end if it has the beginning of a batch', async () => {
    const part = (await stored(texts(['a']), 30)).subarray(0, -1);
    const answer = await readFetchAnswer(answerOf(10, part), 10, () => 30);
    expect(answer.responses[0]!.partitions[0]).toMatchObject({ isAtEnd: false, messages: [] });
  });

  it.each([
    [-1, 30],
    [20, 20],
  ])('can be read up to an open transaction: the last stable offset is %i', async (stable, readable) => {
    const answer = await readFetchAnswer(answerOf(10, await stored(texts(['a']), 0), { stable }), 10, asked);
    expect(answer.responses[0]!.partitions[0]!.messages[0]).toMatchObject({ readable });
  });
});

describe('the sequence numbers of a producer', () => {
  const place = { topic: 't', partition: 1, producer: 5n, epoch: 0 };

  it('count records per partition', () => {
    const numbers = new BatchNumbers();
    expect(numbers.next(place, 0, 10)).toBe(0);
    expect(numbers.next(place, 1, 5)).toBe(10);
    expect(numbers.next({ ...place, partition: 2 }, 0, 5)).toBe(0);
    expect(numbers.next(place, 2, 1)).toBe(15);
  });

  it('are the same for a request that is retried, or that replaces a failed one', () => {
    const numbers = new BatchNumbers();
    numbers.next(place, 0, 10);
    expect(numbers.next(place, 1, 8)).toBe(10);
    expect(numbers.next(place, 1, 8)).toBe(10);
    expect(numbers.next(place, 1, 4)).toBe(10);
    expect(numbers.next(place, 2, 4)).toBe(14);
  });

  it('restart if the cluster assigns a new producer id, and after the maximum', () => {
    const numbers = new BatchNumbers();
    numbers.next(place, 0, 10);
    numbers.next(place, 1, 10);
    expect(numbers.next({ ...place, epoch: 1 }, 0, 2 ** 31 - 2)).toBe(0);
    expect(numbers.next({ ...place, epoch: 1 }, 1, 4)).toBe(2 ** 31 - 2);
    expect(numbers.next({ ...place, epoch: 1 }, 2, 4)).toBe(2);
    expect(numbers.next({ ...place, producer: 6n, epoch: 1 }, 0, 4)).toBe(0);
  });
});
