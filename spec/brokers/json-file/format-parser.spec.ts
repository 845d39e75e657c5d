import { UnreadableMessage } from '../../../lib/brokers/batch.js';
import { cutAt, formatParser, parsePieces } from './parse-pieces.js';

const bytesOf = (text: string) => new Uint8Array(Buffer.from(text));
const bad = (reason: string) => expect.objectContaining({ reason });
const one = { n: 1 };
const two = { n: 2 };

/** Returns the elements of a text, which must be the same wherever it is cut. */
function read(text: string | Uint8Array, promised: 'array' | 'ndjson') {
  const bytes = typeof text === 'string' ? bytesOf(text) : text;
  const whole = parsePieces(formatParser(promised), [bytes]);
  for (let cut = 0; cut <= bytes.length; cut++) {
    const { values, fault } = parsePieces(formatParser(promised), cutAt(bytes, cut));
    expect({ cut, values, fault }).toEqual({ cut, values: whole.values, fault: whole.fault });
  }
  return whole;
}

describe('detects the format, whatever the name implies', () => {
  test.each<[string, unknown[]]>([
    ['', []],
    [' \n\t\r\n', []],
    ['\ufeff', []],
    ['[]', []],
    [' [ ]\n', []],
    ['[{"n":1},{"n":2}]', [one, two]],
    ['[{"n":1},\n{"n":2}]', [one, two]],
    ['[\n{"n":1}\n,{"n":2}\n]\n', [one, two]],
    ['[{\n"n":1},\n{"n":\n2}]', [one, two]],
    ['\ufeff\n[{"n":1}]', [one]],
    ['{"n":1}', [one]],
    ['\n \n{"n":1}\n{"n":2}\n', [one, two]],
    ['{"n":1}\n[1]\n{"n":2}', [one, [1], two]],
  ])('%j', (text, values) => {
    for (const promised of ['array', 'ndjson'] as const) {
      expect(read(text, promised)).toMatchObject({ values, fault: undefined });
    }
  });

  test.each<[string, string, unknown[]]>([
    ['{"n":1', "line 1, column 7 (byte 6): expected ',' or '}', found the end of the line.", []],
    ['{"n":1\n{"n":2}', "line 1, column 7 (byte 6): expected ',' or '}', found the end of the line.", [two]],
    ['\n {"n":x}\n{"n":2}', "line 2, column 7 (byte 7): expected a value, found 'x'.", [two]],
    ['{"n":1}}\n{"n":2}', "line 1, column 8 (byte 7): expected the end of the line, found '}'.", [two]],
    ['hello\n{"n":2}', "line 1, column 1 (byte 0): expected a value, found 'h'.", [two]],
    ['"\n{"n":2}', 'line 1, column 2 (byte 1): expected a closing double quote, found the end of the line.', [two]],
    ['\0\0\n{"n":2}', 'line 1, column 1 (byte 0): expected a value, found byte 0x00.', [two]],
    ['\ufeff\ufeff{"n":1}\n{"n":2}', 'line 1, column 1 (byte 3): expected a value, found U+FEFF.', [two]],
  ])('a broken first line is a bad message: %j', (text, reason, rest) => {
    for (const promised of ['array', 'ndjson'] as const) {
      expect(read(text, promised)).toMatchObject({ values: [bad(reason), ...rest], fault: undefined });
    }
  });

  test('a first line with invalid UTF-8 is a bad message', () => {
    const bytes = new Uint8Array([...bytesOf('{"s":"'), 0xff, ...bytesOf('"}\n{"n":2}\n')]);
    for (const promised of ['array', 'ndjson'] as const) {
      expect(read(bytes, promised).values).toEqual([
        new UnreadableMessage(bytes.slice(0, 9), 'line 1, column 7 (byte 6): expected UTF-8, found byte 0xff.'),
        two,
      ]);
    }
    const cutOff = new Uint8Array([...bytesOf('{"s":"'), 0xc3, ...bytesOf('\n{"n":2}\n')]);
    expect(read(cutOff, 'array').values).toEqual([
      new UnreadableMessage(cutOff.slice(0, 7), 'line 1, column 7 (byte 6): expected UTF-8, found byte 0xc3.'),
      two,
    ]);
  });
});

describe('if lines are expected', () => {
  test.each<[string, unknown[]]>([
    ['[1,2]\n{"n":2}', [[1, 2], two]],
    ['[{"n":1}]\n{"n":2}', [[one], two]],
    ['[]\n[]\n', [[], []]],
    ['[[[]]]', [[[[]]]]],
    ['[{"n":1}\n{"n":2}', [bad("line 1, column 9 (byte 8): expected ',' or ']', found the end of the line."), two]],
    ['{\n"n":1\n}', [expect.any(UnreadableMessage), expect.any(UnreadableMessage), expect.any(UnreadableMessage)]],
    ['hello', [bad("line 1, column 1 (byte 0): expected a value, found 'h'.")]],
  ])('%j is lines', (text, values) => {
    expect(read(text, 'ndjson')).toMatchObject({ fault: undefined });
    expect(read(text, 'ndjson').values).toEqual(values);
  });
});

describe('if lines are not expected', () => {
  test.each<[string, object]>([
    ['hello', { byte: 0, expected: "'[' before an array of objects, or '{' of the first of one object per line" }],
    ['{\n"n":1\n}', { byte: 0, found: 'one that continues on the next line' }],
    ['[{"n":1}\n{"n":2}', { byte: 9, expected: "',' or ']'", found: "'{'" }],
    ['[{"n":1}]\n{"n":2}', { byte: 10, expected: "the end of the file after the closing ']'" }],
  ])('%j is broken', (text, fault) => {
    expect(read(text, 'array').fault).toMatchObject(fault);
  });
});

test('the first element of a stream is returned before the second line arrives', () => {
  const batches = parsePieces(formatParser(), [bytesOf('{"n":1}\n'), bytesOf('{"n":2}')]).batches;
  expect(batches[0]?.values).toEqual([one]);
});

test('a long beginning is decided by the part that has arrived', () => {
  const long = 'x'.repeat(100_000);
  const pieces = (text: string) => cutAt(bytesOf(text), 65_536);
  expect(parsePieces(formatParser(), pieces(`{"s":"${long}"}\n{"n":2}`)).values).toHaveLength(2);
  expect(parsePieces(formatParser('ndjson'), pieces(`[{"s":"${long}"}]`)).values).toHaveLength(1);
  expect(parsePieces(formatParser('ndjson'), pieces(`${long}\n{"n":2}`)).values).toHaveLength(2);
  expect(parsePieces(formatParser(), pieces(long)).fault).toMatchObject({ byte: 0, found: "'x'" });
});

test('leading white space is not buffered', () => {
  const piece = new Uint8Array(65_536).fill(0x20);
  for (const text of ['[{"n":1}]', '{"n":1}']) {
    const pieces = [...Array.from({ length: 100 }, () => piece), bytesOf(text)];
    expect(parsePieces(formatParser(), pieces)).toMatchObject({ values: [one], mostHeld: 65_536 });
  }
});
