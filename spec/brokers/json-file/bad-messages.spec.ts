import { readFileSync, writeFileSync } from 'node:fs';
import {
  BadMessage,
  Field,
  type InputOptions,
  JsonFileMessageBroker,
  type JsonFileOptions,
  Message,
  processFunction,
  WaterMill,
  type WaterMillError,
} from 'watermill';
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

async function run(
  name: string,
  content: string | Uint8Array,
  policy?: InputOptions<Reading>,
  options: JsonFileOptions = {},
) {
  writeFileSync(directory.file(name), content);
  const seen: number[] = [];
  const broker = new JsonFileMessageBroker(
    [
      [Reading, directory.file(name)],
      [BadMessage, directory.file('bad.ndjson')],
    ],
    options,
  );
  const process = processFunction(Reading, {}, ({ n }) => void seen.push(n));
  const inputs = policy === undefined ? [] : ([[Reading, policy]] as const);
  const outcome = await new WaterMill({ process, broker, inputs }).run().then(
    (report) => ({ bad: report.nodes[0]!.bad, error: undefined }),
    (error: WaterMillError) => ({ bad: undefined, error }),
  );
  return { ...outcome, seen };
}

async function letters(name: string, content: string | Uint8Array, options: JsonFileOptions = {}) {
  const outcome = await run(name, content, { onBadMessage: { deadLetter: BadMessage } }, options);
  expect(outcome.error).toBeUndefined();
  const lines = readFileSync(directory.file('bad.ndjson'), 'utf8').split('\n').filter(Boolean);
  return { ...outcome, letters: lines.map((line) => JSON.parse(line) as BadMessage) };
}

const advice =
  "Fix the message or its class, or let the mill skip it: inputs: [[Reading, { onBadMessage: 'skip' }]] or { deadLetter: BadMessage }.";

describe('the error', () => {
  it('has the line even if a deserializer gets bytes', async () => {
    writeFileSync(directory.file('raw.ndjson'), '{"n":1}\n\n{"n":2}\nno\n');
    const deserializer = (bytes: Uint8Array): Reading => JSON.parse(Buffer.from(bytes).toString());
    const broker = new JsonFileMessageBroker([[Reading, directory.file('raw.ndjson'), { raw: true, deserializer }]]);
    const run = new WaterMill({ process: processFunction(Reading, {}, () => {}), broker }).run();
    await expect(run).rejects.toMatchObject({ code: 'WM_BAD_MESSAGE', message: expect.stringMatching(/\bline 4\b/) });
  });

  test('for a line that is not JSON has position, line, column and byte', async () => {
    const { error, seen } = await run('a.ndjson', '{"n":1}\n\n{"n":x}\n');
    expect(seen).toEqual([1]);
    expect(error?.message).toBe(
      `Reading at position 1 of ${directory.file('a.ndjson')} cannot be read: line 3, column 6 (byte 14): expected a value, found 'x'. ${advice}`,
    );
    expect(error).toMatchObject({ code: 'WM_BAD_MESSAGE', details: { position: 1, line: 3, byte: 9 } });
  });

  test('for a field of a line has the line', async () => {
    const { error } = await run('a.ndjson', '{"n":1}\n\n{"n":"x"}\n');
    expect(error?.message).toBe(
      `Reading at position 1 of ${directory.file('a.ndjson')}, line 3, cannot be read: field n must be a finite number, but is the string "x". ${advice}`,
    );
    expect(error).toMatchObject({ code: 'WM_BAD_MESSAGE', details: { position: 1, line: 3, byte: 9, field: 'n' } });
  });

  test.each<[string, string, string]>([
    ['a.json', `[{"n":1},{"n":2,"s":"${'x'.repeat(200_000)}"},{"n":3}]`, 'byte 9'],
    ['a.ndjson', `{"n":1}\n{"n":2,"s":"${'x'.repeat(200_000)}"}\n{"n":3}`, 'line 2, column 1 (byte 8)'],
  ])('for an element that is too large has its own code: %s', async (name, content, place) => {
    const { error, seen } = await run(name, content, undefined, { maxElementBytes: 131_072 });
    expect(seen).toEqual([1]);
    expect(error?.message).toBe(
      `Reading at position 1 of ${directory.file(name)} cannot be read: ${place}: expected an element of at most 131072 bytes, found a longer one, of which the first 65536 are kept. ` +
        `Look for a missing quotation mark or bracket; if the file is right, raise maxElementBytes of the broker. ${advice}`,
    );
    expect(error).toMatchObject({ code: 'WM_ELEMENT_TOO_LARGE', details: { message: 'Reading', position: 1 } });
    const passed = await run(name, content, { onBadMessage: 'skip' }, { maxElementBytes: 131_072 });
    expect(passed).toMatchObject({ bad: 1, seen: [1, 3] });
  });
});

describe('a dead letter contains the message unchanged', () => {
  const raws = [
    '{"n":1e400}',
    '{"n":"x",  "m":12345678901234567890}',
    '{"n":1,"n":"x"}',
    '{"n":"\\ud800"}',
    '{"__proto__":{"n":1}}',
    `{"n":"${'x'.repeat(100_000)}"}`,
    '['.repeat(5_000) + ']'.repeat(5_000),
    '['.repeat(100_000) + ']'.repeat(100_000),
    `${'{"toString":1,"j":'.repeat(3_000)}1${'}'.repeat(3_000)}`,
  ];

  test.each<[string, string]>([
    ['a.ndjson', `{"n":1}\r\n${raws.join('\r\n')}\r\n{"n":2}`],
    ['a.json', `[{"n":1}, ${raws.join(' ,\n')},{"n":2}]`],
  ])('where the value is JSON: %s', async (name, content) => {
    const { bad, seen, letters: found } = await letters(name, content);
    expect({ bad, seen }).toEqual({ bad: raws.length, seen: [1, 2] });
    expect(found.map(({ raw }) => raw)).toEqual(raws);
    for (const [i, { error, stream, position }] of found.entries()) {
      expect({ stream, position }).toEqual({ stream: directory.file(name), position: i + 1 });
      expect(error.length).toBeLessThan(2_000);
      expect(error.includes(`, line ${i + 2},`)).toBe(name === 'a.ndjson');
    }
  });

  test('where it is none, also in the first line', async () => {
    const broken = ['{"n":1', '\ufeff{"n":1}', '\0\0', '{"n":1}}', '[[[[', "{'n':1}"];
    for (const first of broken) {
      const { letters: found, seen } = await letters('a.ndjson', `\ufeff${first}\n{"n":1}\n${broken.join('\n')}\n`);
      expect(found.map(({ raw }) => raw)).toEqual([first, ...broken]);
      expect(seen).toEqual([1]);
    }
  });

  test('as base64 where it is not UTF-8', async () => {
    const line = Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]);
    const { letters: found } = await letters('a.json', Buffer.concat([line, Buffer.from('\n{"n":1}\n'), line]));
    const raw = `base64:${line.toString('base64')}`;
    expect(found).toEqual([
      expect.objectContaining({
        raw,
        error: expect.stringContaining('line 1, column 3 (byte 2): expected UTF-8, found byte 0xff.'),
      }),
      expect.objectContaining({
        raw,
        error: expect.stringContaining('line 3, column 3 (byte 16): expected UTF-8, found byte 0xff.'),
      }),
    ]);
    const after4 = Buffer.concat([Buffer.from('{"\u{1f600}'), Buffer.from([0xff, 0x22, 0x7d])]);
    const { letters: other } = await letters('b.json', after4);
    expect(other[0]?.error).toContain('(byte 6): expected UTF-8, found byte 0xff.');
  });

  test('and its beginning if it is too large', async () => {
    const long = `{"n":"${'é'.repeat(100_000)}"}`;
    const { letters: found, seen } = await letters('a.ndjson', `{"n":1}\n${long}\n{"n":2}`, {
      maxElementBytes: 131_072,
    });
    expect(seen).toEqual([1, 2]);
    expect(found[0]?.raw).toBe(long.slice(0, 6 + (65_536 - 6) / 2));
  });
});

test('an empty stream of lines with another name is read back as one', async () => {
  const out = directory.file('out.data');
  writeFileSync(directory.file('in.ndjson'), '');
  const options = { format: 'ndjson' } as const;
  const copy = new JsonFileMessageBroker(
    [
      [Reading, directory.file('in.ndjson')],
      [BadMessage, out],
    ],
    options,
  );
  await new WaterMill({ process: processFunction(Reading, { emits: [BadMessage] }, () => []), broker: copy }).run();
  expect(readFileSync(out, 'utf8')).toBe('');
  const broker = new JsonFileMessageBroker([[BadMessage, out]]);
  expect((await new WaterMill({ process: processFunction(BadMessage, {}, () => {}), broker }).run()).calls).toBe(0);
});
