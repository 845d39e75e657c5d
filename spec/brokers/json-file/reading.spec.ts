import { promises as fs, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import {
  alias,
  Field,
  JsonFileMessageBroker,
  type JsonFileOptions,
  Message,
  type MessageClass,
  WaterMillError,
} from 'watermill';
import { connect, readBatches, valuesIn } from '../../../lib/conformance/conformance-run.js';
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

const write = (name: string, content: string | Uint8Array) => writeFileSync(directory.file(name), content);

async function openFile(name: string, options: JsonFileOptions = {}, mark?: unknown, raw = false) {
  const broker = new JsonFileMessageBroker([[Reading, directory.file(name), { raw }]], options);
  const { connection, lane } = await connect(broker, [Reading]);
  return { reader: await lane.openReader(0, mark as never), close: () => connection.close() };
}

async function read(name: string, options: JsonFileOptions = {}): Promise<unknown[]> {
  const { reader, close } = await openFile(name, options);
  try {
    return valuesIn(await readBatches(reader));
  } finally {
    await close();
  }
}

async function failure(work: Promise<unknown>): Promise<WaterMillError> {
  const error = await work.then(
    () => undefined,
    (failed: unknown) => failed,
  );
  expect(error).toBeInstanceOf(WaterMillError);
  return error as WaterMillError;
}

describe('a file is read by its content, whatever its name:', () => {
  const values = [{ n: 1 }, { n: 2 }];
  const array = JSON.stringify(values);
  const lines = '{"n":1}\n{"n":2}\n';

  test.each<[string, string, string | Uint8Array]>([
    ['an array', 'a.ndjson', array],
    ['lines', 'a.json', lines],
    ['an array behind a byte order mark', 'a.json', `\ufeff${array}`],
    ['lines behind a byte order mark', 'a.json', `\ufeff${lines}`],
    ['an array behind empty lines', 'a.json', ` \n\t\r\n${array}`],
    ['lines behind empty lines', 'a.json', `\n\n${lines}`],
    ['a packed array', 'a.json', gzipSync(array)],
    ['packed lines', 'a.json', gzipSync(lines)],
    [
      'a packed array in several members',
      'a.json',
      Buffer.concat([gzipSync(array.slice(0, 5)), gzipSync(array.slice(5))]),
    ],
  ])('%s', async (_, name, content) => {
    write(name, content);
    expect(await read(name)).toEqual(values);
  });

  test('an empty file, or one of only white space, has no elements, whatever its format', async () => {
    write('a.ndjson', '');
    write('a.json', '');
    write('b.json', ' \n\n');
    write('c.json.gz', gzipSync(''));
    write('b.jsonl', '\n\n');
    write('c.ndjson.gz', gzipSync(''));
    expect(await read('a.ndjson')).toEqual([]);
    expect(await read('a.json')).toEqual([]);
    expect(await read('b.json')).toEqual([]);
    expect(await read('c.json.gz')).toEqual([]);
    expect(await read('b.jsonl')).toEqual([]);
    expect(await read('c.ndjson.gz')).toEqual([]);
  });

  test('the last value of a repeated key counts', async () => {
    write('a.json', '[{"n":1,"n":2}]');
    expect(await read('a.json')).toEqual([{ n: 2 }]);
  });
});

describe('an unreadable input has its own error message:', () => {
  test('a missing file', async () => {
    const error = await failure(read('no.json'));
    expect(error.message).toBe(
      `The file of Reading does not exist: ${directory.file('no.json')}. Check the path (the working directory is ${process.cwd()}).`,
    );
    expect(error).toMatchObject({
      code: 'WM_FILE_MISSING',
      details: { stream: directory.file('no.json'), found: 'ENOENT' },
    });
  });

  test('a directory', async () => {
    mkdirSync(directory.file('d.json'));
    const error = await failure(read('d.json'));
    expect(error.message).toBe(`The file of Reading is a directory: ${directory.file('d.json')}. Name the file in it.`);
    expect(error.code).toBe('WM_FILE_UNREADABLE');
  });

  test('a file without permission', async () => {
    const denied = Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' });
    const open = jest.spyOn(fs, 'open').mockRejectedValueOnce(denied);
    const error = await failure(read('a.json'));
    open.mockRestore();
    expect(error.message).toBe(
      `The file of Reading may not be read by this process: ${directory.file('a.json')} (EACCES). Change its permissions.`,
    );
    expect(error).toMatchObject({ code: 'WM_FILE_UNREADABLE', cause: denied });
  });

  test.each<[string, string | Uint8Array, string]>([
    [
      'a text',
      ' hello',
      "line 1, column 2 (byte 1, element 0): expected '[' before an array of objects, or '{' of the first of one object per line, found 'h'",
    ],
    [
      'one object',
      '{\n  "n": 1\n}\n',
      'line 1, column 1 (byte 0, element 0): expected an array of objects, or one object per line, found one that continues on the next line',
    ],
    [
      'an array that does not end',
      '[\n  {"n": 1},\n  {"n": 2}\n',
      "line 4, column 1 (byte 25, element 1): expected ',' or ']', found the end of the file",
    ],
    [
      'a missing comma',
      '[\n  {"n": 1}\n  {"n": 2}\n]',
      "line 3, column 3 (byte 15, element 0): expected ',' or ']', found '{'",
    ],
    [
      'something behind the array',
      '[{"n":1}]\n,',
      "line 2, column 1 (byte 10, element 1): expected the end of the file after the closing ']', found ','",
    ],
    ['a bad value', '[{"é":1},\n{"n":é}]', "line 2, column 6 (byte 16, element 1): expected a value, found 'é'"],
    [
      'bytes that are no UTF-8',
      Buffer.from([...Buffer.from('[{"n":1},\n{"é":"'), 0x80, ...Buffer.from('"}]')]),
      'line 2, column 7 (byte 17, element 1): expected UTF-8, found byte 0x80',
    ],
    [
      'a packed array that breaks',
      gzipSync('[{"n":1},\n{"n":}]'),
      "line 2, column 6 (byte 15, element 1): expected a value, found '}'",
    ],
  ])('%s', async (_, content, sentence) => {
    write('a.json', content);
    const error = await failure(read('a.json'));
    expect(error.message).toBe(
      `${directory.file('a.json')}, ${sentence}. Correct the file there; the elements before it were read.`,
    );
    expect(error).toMatchObject({
      code: 'WM_FILE_BROKEN',
      details: { message: 'Reading', stream: directory.file('a.json') },
    });
  });

  test('a truncated compressed file, after the elements before', async () => {
    const values = Array.from({ length: 20_000 }, (_, n) => ({ n, random: Math.imul(n, 2_654_435_761) }));
    const packed = gzipSync(JSON.stringify(values));
    write('a.json.gz', packed.subarray(0, packed.length / 2));
    const { reader, close } = await openFile('a.json.gz');
    const given: unknown[] = [];
    const error = await failure(
      (async () => {
        for (;;) given.push(...(await reader.read()).values);
      })(),
    );
    expect(given.length).toBeGreaterThan(5_000);
    expect(given).toEqual(values.slice(0, given.length));
    expect(error.message).toBe(
      `The file of Reading is damaged: ${directory.file('a.json.gz')} cannot be decompressed after element ${given.length} (gzip: unexpected end of file). The elements before it were read. Compress or copy it again.`,
    );
    await close();
  });

  test('a compressed file with a wrong checksum', async () => {
    const packed = gzipSync(JSON.stringify(Array.from({ length: 20_000 }, (_, n) => ({ n }))));
    packed.fill(0x55, packed.length - 8, packed.length - 4);
    write('a.json.gz', packed);
    expect(await failure(read('a.json.gz'))).toMatchObject({
      code: 'WM_FILE_UNREADABLE',
      details: { found: 'Z_DATA_ERROR' },
    });
  });

  test('a file that does not belong to a mark', async () => {
    write('a.json', JSON.stringify(Array.from({ length: 20_000 }, (_, n) => ({ n }))));
    const first = await openFile('a.json');
    const batches = await readBatches(first.reader);
    await first.close();
    const { mark, first: index } = batches[2]!;
    write('a.json', JSON.stringify(Array.from({ length: 20_000 }, (_, n) => ({ name: n }))));
    const error = await failure(openFile('a.json', {}, mark));
    expect(error.message).toBe(
      `${directory.file('a.json')} is not the file that the last run read: no element of Reading begins at byte ${(mark as { byte: number }).byte} (element ${index}), where that run stopped. ` +
        'Restore the previous file, or delete the progress file next to the results to start over.',
    );
    write('a.json', '[]');
    expect(await failure(openFile('a.json', {}, mark))).toMatchObject({ code: 'WM_FILE_CHANGED' });
    write('a.json', gzipSync('[]'));
    expect(await failure(openFile('a.json', {}, mark))).toMatchObject({ code: 'WM_FILE_CHANGED' });
    const packed = await openFile('a.json', {}, { index: 5 });
    expect(await failure(Promise.resolve(packed.reader.read()))).toMatchObject({ code: 'WM_FILE_CHANGED' });
    await packed.close();
  });
});

test('the fraction shows how much of the file was returned', async () => {
  write('a.json', JSON.stringify(Array.from({ length: 100_000 }, (_, n) => ({ n }))));
  const { reader, close } = await openFile('a.json');
  const fractions: number[] = [];
  for (let ended = false; !ended; fractions.push(reader.fraction!()!)) ended = (await reader.read()).end;
  expect(fractions.length).toBeGreaterThan(10);
  expect(fractions[1]).toBeLessThan(0.2);
  expect(fractions.at(-1)).toBe(1);
  await close();
});

test('several batches are available per wait', async () => {
  write('a.json', JSON.stringify(Array.from({ length: 100_000 }, (_, n) => ({ n }))));
  const { reader, close } = await openFile('a.json');
  let waits = 0;
  let batches = 0;
  for (let ended = false; !ended; batches++) {
    const batch = reader.read();
    if (batch instanceof Promise) waits++;
    ended = (await batch).end;
  }
  expect(waits).toBeLessThan(batches / 2);
  await close();
});

describe('the entries of a broker', () => {
  class Next extends alias(Reading, 'Next') {}

  test('name a stream by its path as written, and identify it by its absolute path', () => {
    const broker = new JsonFileMessageBroker([
      [Reading, 'data/a.json'],
      [Next, './data/../data/a.json'],
    ]);
    expect(broker.streamOf(Reading)).toMatchObject({ label: 'data/a.json', id: `${process.cwd()}/data/a.json` });
    expect(broker.streamOf(Next)?.id).toBe(broker.streamOf(Reading)?.id);
    expect(broker.streamOf(class Other {})).toBeUndefined();
  });

  test('refuse writing a file that is read, through a link or by two classes', async () => {
    write('a.json', '[]');
    symlinkSync(directory.file('a.json'), directory.file('link.json'));
    const broker = new JsonFileMessageBroker([
      [Reading, directory.file('a.json')],
      [Next, directory.file('link.json')],
    ]);
    const error = await failure(connect(broker, [Reading], [Next]));
    expect(error.message).toBe(
      `${directory.file('a.json')} would be written as the output of Next, but is the input of Reading as well. Give every result class its own file, with another name.`,
    );
    expect(await failure(connect(broker, [], [Reading, Next]))).toMatchObject({ code: 'WM_SAME_FILE' });
  });

  test.each<[string, () => unknown, string]>([
    [
      'no pair',
      () => new JsonFileMessageBroker(['a.json'] as never),
      'Entry 1 of JsonFileMessageBroker is wrong: expected a pair [Class, path], found "a.json".',
    ],
    [
      'no list',
      () => new JsonFileMessageBroker(Reading as never),
      'The list of entries of JsonFileMessageBroker is wrong: expected an array of [Class, path], found the class Reading.',
    ],
    [
      'no path',
      () => new JsonFileMessageBroker([[Reading as MessageClass, 5 as never]]),
      'The entry of Reading of JsonFileMessageBroker is wrong: expected the path of a file after the class, found 5.',
    ],
    [
      'a class twice',
      () =>
        new JsonFileMessageBroker([
          [Reading, 'a.json'],
          [Reading, 'b.json'],
        ]),
      'The entry of Reading of JsonFileMessageBroker is wrong: expected one entry per class (for a second node on a file, use an alias), found "b.json".',
    ],
    [
      'onEnded without a group',
      () => new JsonFileMessageBroker([], { onEnded: 'restart' }),
      'The option \'onEnded\' of JsonFileMessageBroker is wrong: expected a group as well: without one nothing is remembered, found "restart".',
    ],
    [
      'another onEnded',
      () => new JsonFileMessageBroker([], { group: 'g', onEnded: 'again' as never }),
      "The option 'onEnded' of JsonFileMessageBroker is wrong: expected 'restart' or 'continue', found \"again\".",
    ],
    [
      'an unknown option',
      () => new JsonFileMessageBroker([], { groups: 'x' } as never),
      'JsonFileMessageBroker has no option "groups". Did you mean group?',
    ],
    [
      'an empty group',
      () => new JsonFileMessageBroker([], { group: '' }),
      'The option \'group\' of JsonFileMessageBroker is wrong: expected a non-empty string, found "".',
    ],
    [
      'a small limit',
      () => new JsonFileMessageBroker([], { maxElementBytes: 10 }),
      "The option 'maxElementBytes' of JsonFileMessageBroker is wrong: expected a whole number of at least 131072, found 10.",
    ],
    [
      'a strange format',
      () => new JsonFileMessageBroker([], { format: 'csv' as never }),
      "The option 'format' of JsonFileMessageBroker is wrong: expected 'array' or 'ndjson', found \"csv\".",
    ],
    [
      'a strange time',
      () => new JsonFileMessageBroker([], { dataTimeoutMs: -1 }),
      "The option 'dataTimeoutMs' of JsonFileMessageBroker is wrong: expected a number of milliseconds above 0, found -1.",
    ],
  ])('are refused: %s', (_, make, sentence) => {
    expect(make).toThrow(expect.objectContaining({ code: 'WM_BROKER_OPTIONS', message: sentence }));
  });

  test('have the given timeouts, and none by default', () => {
    expect(new JsonFileMessageBroker([], { dataTimeoutMs: 10, pollTimeoutMs: 20 }).timeouts).toEqual({
      dataTimeoutMs: 10,
      pollTimeoutMs: 20,
    });
    expect(new JsonFileMessageBroker([]).timeouts).toEqual({});
  });
});
