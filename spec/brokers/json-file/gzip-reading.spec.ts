import { writeFileSync } from 'node:fs';
import { crc32 as crc32OfNode, deflateRawSync, gzipSync } from 'node:zlib';
import { Field, JsonFileMessageBroker, Message, WaterMillError } from 'watermill';
import type { StreamReader } from '../../../lib/brokers/broker.js';
import { crc32ByTable } from '../../../lib/brokers/json-file/source/gzip-format.js';
import { connect } from '../../../lib/conformance/conformance-run.js';
import { Random } from '../../support/random.js';
import { type TemporaryDirectory, temporaryDirectory } from '../../support/temporary-directory.js';

@Message()
class Reading {
  @Field() n!: number;
}

let directory: TemporaryDirectory;
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(() => directory.remove());

async function open(mark?: unknown) {
  const broker = new JsonFileMessageBroker([[Reading, directory.file('a.json.gz')]]);
  const { connection, lane } = await connect(broker, [Reading]);
  return { reader: await lane.openReader(0, mark as never), close: () => connection.close() };
}

async function readAll(reader: StreamReader): Promise<{ values: unknown[]; marks: unknown[]; error: unknown }> {
  const values: unknown[] = [];
  const marks: unknown[] = [];
  try {
    for (;;) {
      const batch = await reader.read();
      values.push(...batch.values);
      marks.push(batch.mark);
      if (batch.end) return { values, marks, error: undefined };
    }
  } catch (error) {
    return { values, marks, error };
  }
}

async function read(content: Uint8Array) {
  writeFileSync(directory.file('a.json.gz'), content);
  const { reader, close } = await open();
  const outcome = await readAll(reader);
  await close();
  return outcome;
}

const elements = (count: number) => Array.from({ length: count }, (_, n) => ({ n }));
const lines = (count: number) =>
  Buffer.from(
    elements(count)
      .map((element) => `${JSON.stringify(element)}\n`)
      .join(''),
  );

function damaged(what: string, position: number): string {
  return `The file of Reading is damaged: ${directory.file('a.json.gz')} cannot be decompressed after element ${position} (gzip: ${what}). The elements before it were read. Compress or copy it again.`;
}

describe('several members are one text', () => {
  test('however they are split, with every kind of header, and with zeros after them', async () => {
    const random = new Random(1);
    const text = lines(5_000);
    for (let i = 0; i < 10; i++) {
      const members: Buffer[] = [];
      for (let at = 0; at < text.length; ) {
        const length = random.pick([0, 1, 10, 1_000, 30_000]);
        members.push(member(text.subarray(at, at + length), random));
        at += length;
      }
      const { values, error } = await read(Buffer.concat([...members, Buffer.alloc(random.pick([0, 1, 600]))]));
      expect(error).toBeUndefined();
      expect(values).toEqual(elements(5_000));
    }
  });

  test('and a run continues in the middle of them', async () => {
    const text = lines(30_000);
    const members = [0, 1, 2, 3].map((i) =>
      gzipSync(text.subarray(i * 100_000, i === 3 ? undefined : (i + 1) * 100_000)),
    );
    const { marks, values } = await read(Buffer.concat(members));
    expect(values).toHaveLength(30_000);
    for (const mark of [marks[1], marks[3]]) {
      const { reader, close } = await open(mark);
      expect((await readAll(reader)).values).toEqual(elements(30_000).slice((mark as { index: number }).index));
      await close();
    }
  });
});

describe('the valid part before damage is returned:', () => {
  const whole = () => gzipSync(lines(3_000));

  test.each<[string, (packed: Buffer) => Buffer, string]>([
    [
      'a text behind it',
      (packed) => Buffer.concat([packed, Buffer.from('garbage')]),
      'something else follows the compressed data',
    ],
    ['half a magic number', (packed) => Buffer.concat([packed, Buffer.from([0x1f])]), 'unexpected end of file'],
    ['half a header', (packed) => Buffer.concat([packed, packed.subarray(0, 7)]), 'unexpected end of file'],
    [
      'a header of another method',
      (packed) => Buffer.concat([packed, Buffer.from([0x1f, 0x8b, 9]), Buffer.alloc(20)]),
      'unknown compression method or flags',
    ],
    ['a wrong checksum', (packed) => changed(packed, packed.length - 8), 'incorrect data check'],
    ['a wrong length', (packed) => changed(packed, packed.length - 4), 'incorrect length check'],
    ['a trailer that is cut off', (packed) => packed.subarray(0, -1), 'unexpected end of file'],
    ['no trailer', (packed) => packed.subarray(0, -8), 'unexpected end of file'],
  ])('%s', async (_, damage, sentence) => {
    const { values, error } = await read(damage(whole()));
    expect(values).toEqual(elements(3_000));
    expect((error as WaterMillError).message).toBe(damaged(sentence, 3_000));
    expect(error).toMatchObject({ code: 'WM_FILE_UNREADABLE', details: { position: 3_000 } });
  });

  test('a truncated text', async () => {
    const { values, error } = await read(whole().subarray(0, -1_000));
    expect(values.length).toBeGreaterThan(1_000);
    expect(values).toEqual(elements(values.length));
    expect((error as WaterMillError).message).toBe(damaged('unexpected end of file', values.length));
  });

  test('a second member that is broken in the middle', async () => {
    const second = whole();
    second.fill(0xff, 500, 700);
    const { values, error } = await read(Buffer.concat([whole(), second]));
    expect(values.length).toBeGreaterThanOrEqual(3_000);
    expect(values.slice(0, 3_000)).toEqual(elements(3_000));
    expect(error).toMatchObject({ code: 'WM_FILE_UNREADABLE', details: { position: values.length } });
  });

  test('nothing but a header', async () => {
    const { values, error } = await read(whole().subarray(0, 10));
    expect(values).toEqual([]);
    expect((error as WaterMillError).message).toBe(damaged('unexpected end of file', 0));
  });
});

test('highly compressed white space is decompressed in small steps', async () => {
  const packed = gzipSync(Buffer.alloc(200_000_000, ' '));
  const before = process.memoryUsage().rss;
  let most = 0;
  writeFileSync(directory.file('a.json.gz'), Buffer.concat([gzipSync('[{"n":1}'), packed, gzipSync(',{"n":2}]')]));
  const { reader, close } = await open();
  const watch = setInterval(() => {
    most = Math.max(most, process.memoryUsage().rss - before);
  }, 5);
  const { values, error } = await readAll(reader);
  clearInterval(watch);
  await close();
  expect({ values, error }).toEqual({ values: [{ n: 1 }, { n: 2 }], error: undefined });
  expect(most).toBeLessThan(100_000_000);
});

test('checksums equal those of Node, if Node has them', () => {
  const random = new Random(1);
  const bytes = Uint8Array.from({ length: 5_000 }, () => random.int(256));
  expect(crc32ByTable(Buffer.from('123456789'), 0)).toBe(0xcbf43926);
  if (crc32OfNode === undefined) return;
  const [head, tail] = [bytes.subarray(0, 1_234), bytes.subarray(1_234)];
  expect(crc32ByTable(tail, crc32ByTable(head, 0))).toBe(crc32OfNode(bytes));
});

/** A member with some of the optional parts of a header. */
function member(text: Uint8Array, random: Random): Buffer {
  const flags = random.int(32);
  const parts = [Buffer.from([0x1f, 0x8b, 8, flags, 0, 0, 0, 0, 0, 3])];
  if (flags & 4) parts.push(Buffer.from([3, 0, 0, 7, 0]));
  if (flags & 8) parts.push(Buffer.from('name\0'));
  if (flags & 16) parts.push(Buffer.from('comment\0'));
  if (flags & 2) parts.push(Buffer.from([0, 0]));
  const packed = gzipSync(text);
  return Buffer.concat([...parts, deflateRawSync(text), packed.subarray(-8)]);
}

function changed(bytes: Buffer, at: number): Buffer {
  bytes[at] = bytes[at]! ^ 1;
  return bytes;
}
