import { readFileSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import {
  BadMessage,
  DirectoryMessageBroker,
  Field,
  type FileEntryOptions,
  type InputOptions,
  JsonFileMessageBroker,
  type JsonFileOptions,
  lines,
  Message,
  message,
  processFunction,
  WaterMill,
  type WaterMillError,
} from 'watermill';
import { firstRow } from '../../../lib/brokers/formats/row-parser.js';
import { TextLineParser } from '../../../lib/brokers/formats/text-line-parser.js';
import { type TemporaryDirectory, temporaryDirectory } from '../../support/temporary-directory.js';
import { cutAt, parsePieces } from '../json-file/parse-pieces.js';

@Message()
class Line {
  @Field({ name: 'the line' }) text!: string;
}

let directory: TemporaryDirectory;
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(() => directory.remove());

const put = (name: string, content: string | Uint8Array): string => {
  writeFileSync(directory.file(name), content);
  return directory.file(name);
};

async function read(
  content: string | Uint8Array,
  options: FileEntryOptions<Line> = {},
  policy: InputOptions<Line> = {},
  brokerOptions: JsonFileOptions = {},
) {
  const seen: string[] = [];
  const broker = new JsonFileMessageBroker(
    [
      [Line, put('log.txt', content), { format: lines(), ...options }],
      [BadMessage, directory.file('bad.ndjson')],
    ],
    brokerOptions,
  );
  const process = processFunction(Line, {}, ({ text }) => void seen.push(text));
  const error = await new WaterMill({ process, broker, inputs: [[Line, policy]] }).run().then(
    () => undefined,
    (thrown: WaterMillError) => thrown,
  );
  return { seen, error };
}

const cases: readonly (readonly [string, readonly string[]])[] = [
  ['a\nb\n', ['a', 'b']],
  ['a\n\n b \r\n\r\nc', ['a', '', ' b ', '', 'c']],
  ['', []],
  ['\n', ['']],
  ['\r\n\n', ['', '']],
  ['\ufeffé\n😀\ufeff', ['é', '😀\ufeff']],
  ['{"a":1}\r', ['{"a":1}']],
  ['a\rb\n', ['a\rb']],
];

describe('lines', () => {
  test.each(cases)('of %j are elements, split at any place', (text, expected) => {
    const bytes = new Uint8Array(Buffer.from(text));
    for (let cut = 0; cut <= bytes.length; cut++) {
      const parser = new TextLineParser(firstRow, { raw: false, maxElementBytes: 1 << 20 });
      expect(parsePieces(parser, cutAt(bytes, cut)).values).toEqual(expected);
    }
  });

  test.each(cases)('of %j are read by a mill', async (text, expected) => {
    expect((await read(text)).seen).toEqual(expected);
    expect((await read(gzipSync(text))).seen).toEqual(expected);
  });

  test('with invalid UTF-8, or too long, are bad messages', async () => {
    const text = Buffer.concat([
      Buffer.from('é\nx'),
      Buffer.from([0xff]),
      Buffer.from(`\n${'y'.repeat(200_000)}\nz\n`),
    ]);
    const { error } = await read(text);
    expect(error!.message).toMatch('cannot be read: line 2, column 2 (byte 4): expected UTF-8, found byte 0xff.');
    const skipped = await read(text, {}, { onBadMessage: { deadLetter: BadMessage } }, { maxElementBytes: 131_072 });
    expect(skipped.error).toBeUndefined();
    expect(skipped.seen).toEqual(['é', 'z']);
    const letters = readFileSync(directory.file('bad.ndjson'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(letters.map(({ position }) => position)).toEqual([1, 2]);
    expect(letters[1].error).toMatch('line 3, column 1 (byte 6): expected an element of at most 131072 bytes');
  });

  test('are passed to a deserializer unchanged', async () => {
    const { seen } = await read('a,1\n', { deserializer: (line: string) => ({ text: line.toUpperCase() }) });
    expect(seen).toEqual(['A,1']);
    const raw = await read('a\r\n', { raw: true, deserializer: (line: Uint8Array) => ({ text: String(line.length) }) });
    expect(raw.seen).toEqual(['1']);
  });

  test('have their numbers in errors also as bytes', async () => {
    const deserializer = (line: Uint8Array) => {
      if (line.length === 3) throw new Error('three');
      return { text: String(line.length) };
    };
    const { error } = await read('a\r\n\nbb\nccc\n', { raw: true, deserializer });
    expect(error).toMatchObject({ code: 'WM_BAD_MESSAGE', details: { position: 3, line: 4 } });
    expect(error!.message).toMatch('line 4');
  });

  test('are elements of a class with one string field', () => {
    @Message()
    class Two {
      @Field() a!: string;
      @Field() b!: number;
    }
    expect(() => new JsonFileMessageBroker([[Two, 'x.txt', { format: lines() as never }]])).toThrow(
      'The entry of Two of JsonFileMessageBroker is wrong: expected a class with one field, a string, for lines(), found "a: string, b: number".',
    );
    expect(() => new DirectoryMessageBroker({ sources: [[Two, 'x', { format: lines() as never }]] })).toThrow(
      'a class with one field, a string, for lines()',
    );
  });

  async function write(texts: readonly string[], name = 'out.txt', failAt = -1, options: JsonFileOptions = {}) {
    const broker = new JsonFileMessageBroker(
      [
        [Line, put('log.txt', 'x\n'.repeat(texts.length)), { format: lines() }],
        [Result, directory.file(name), { format: lines() }],
      ],
      options,
    );
    let calls = 0;
    const process = processFunction(Line, { emits: [Result] }, () => {
      if (calls === failAt) throw new Error('killed');
      return message(Result, { text: texts[calls++]! });
    });
    await new WaterMill({ process, broker }).run();
    return readFileSync(directory.file(name), 'utf8');
  }

  @Message()
  class Result {
    @Field() text!: string;
  }

  test('are written unchanged', async () => {
    expect(await write(['a', '', ' "b" ', 'é'])).toBe('a\n\n "b" \né\n');
    expect(await write([])).toBe('');
  });

  test.each(['a\nb', 'a\r', '\ufeffa'])('that would be read back otherwise are refused: %j', async (text) => {
    await expect(write([text])).rejects.toMatchObject({
      code: 'WM_BAD_RESULT',
      message: expect.stringContaining('field text must be a line of text'),
    });
  });

  test('of the files of a directory are one stream', async () => {
    put('1.log', 'a\nb');
    put('2.log', 'c\n');
    const seen: string[] = [];
    const options = { format: lines(), order: 'name', settleMs: 0, end: 'when empty' } as const;
    const broker = new DirectoryMessageBroker({ sources: [[Line, directory.path, options]] });
    await new WaterMill({ process: processFunction(Line, {}, ({ text }) => void seen.push(text)), broker }).run();
    expect(seen).toEqual(['a', 'b', 'c']);
  });

  test('continue where a killed run stopped', async () => {
    const content = Array.from({ length: 6 }, (_, i) => `line ${i}\n`).join('');
    for (let failAt = 0; failAt < 6; failAt++) {
      const seen: string[] = [];
      const run = (limit: number) => {
        const broker = new JsonFileMessageBroker(
          [
            [Line, put('log.txt', content), { format: lines() }],
            [Result, directory.file(`out-${failAt}.txt`), { format: lines() }],
          ],
          { group: 'g' },
        );
        const process = processFunction(Line, { emits: [Result] }, ({ text }) => {
          if (limit-- === 0) throw new Error('killed');
          seen.push(text);
          return message(Result, { text });
        });
        return new WaterMill({ process, broker, commitEvery: { elements: 1 } }).run();
      };
      await expect(run(failAt)).rejects.toThrow('killed');
      writeFileSync(directory.file('log.txt'), content);
      await run(-1);
      expect(seen).toHaveLength(6);
      expect(readFileSync(directory.file(`out-${failAt}.txt`), 'utf8')).toBe(content);
    }
  });
});
