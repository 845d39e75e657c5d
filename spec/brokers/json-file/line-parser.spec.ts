import { UnreadableMessage } from '../../../lib/brokers/batch.js';
import { Random } from '../../support/random.js';
import { randomObject } from '../../support/random-json.js';
import { cutAt, lineParser, parsePieces } from './parse-pieces.js';

const bytesOf = (text: string) => new Uint8Array(Buffer.from(text));

describe('a line parser', () => {
  test.each([
    ['{"a":1}\n{"b":2}\n', 2],
    ['{"a":1}\n{"b":2}', 2],
    ['\n\n{"a":1}\r\n \t\n\n{"é":"😀"}\r\n\n', 2],
    ['', 0],
    ['\n', 0],
    ['{"a":"\\n\\u2028"}', 1],
  ])('reads %j split at any place', (text, count) => {
    const bytes = bytesOf(text);
    const lines = text.split('\n').filter((line) => line.trim() !== '');
    expect(lines).toHaveLength(count);
    for (let cut = 0; cut <= bytes.length; cut++) {
      const { values, fault } = parsePieces(lineParser(), cutAt(bytes, cut));
      expect({ cut, values, fault }).toEqual({ cut, values: lines.map((line) => JSON.parse(line)), fault: undefined });
    }
  });

  test('reads random lines with random splits, and again from the mark of every batch', () => {
    for (let seed = 1; seed <= 400; seed++) {
      const random = new Random(seed);
      const elements = Array.from({ length: 1 + random.int(20) }, () => randomObject(random, 2));
      const text = elements.map((element) => JSON.stringify(element) + random.pick(['\n', '\r\n', '\n\n'])).join('');
      const bytes = bytesOf(text);
      const cuts = Array.from({ length: random.int(8) }, () => random.int(bytes.length)).sort((a, b) => a - b);
      const { values, batches } = parsePieces(lineParser(), cutAt(bytes, ...cuts));
      expect({ seed, values }).toEqual({ seed, values: elements });
      for (const { first, mark } of batches) {
        const { byte } = mark as { byte: number };
        const separator = first === 0 ? 0 : 1;
        const rest = parsePieces(lineParser(mark as object), [bytes.subarray(byte + separator)], byte + separator);
        expect({ seed, first: rest.batches[0]?.first, values: rest.values }).toEqual({
          seed,
          first,
          values: elements.slice(first),
        });
      }
    }
  });

  test('reports where a bad line breaks, and reads the lines after it', () => {
    const bytes = bytesOf('{"a":1}\n\n{"é":x}\n{"b":2}}\n{"c":3}\n{"d"');
    for (let cut = 0; cut <= bytes.length; cut++) {
      const { values } = parsePieces(lineParser(), cutAt(bytes, cut));
      expect(values).toEqual([
        { a: 1 },
        new UnreadableMessage('{"é":x}', "line 3, column 6 (byte 15): expected a value, found 'x'."),
        new UnreadableMessage('{"b":2}}', "line 4, column 8 (byte 25): expected the end of the line, found '}'."),
        { c: 3 },
        new UnreadableMessage('{"d"', "line 6, column 5 (byte 39): expected ':', found the end of the line."),
      ]);
    }
  });

  test('returns a line with invalid UTF-8 as bytes', () => {
    const bytes = new Uint8Array([...bytesOf('{"a":1}\n{"a":"'), 0xc3, 0x28, ...bytesOf('"}\n{"a":3}\n')]);
    for (let cut = 0; cut <= bytes.length; cut++) {
      const { values } = parsePieces(lineParser(), cutAt(bytes, cut));
      expect(values).toEqual([
        { a: 1 },
        new UnreadableMessage(bytes.slice(8, 18), 'line 2, column 7 (byte 14): expected UTF-8, found byte 0xc3.'),
        { a: 3 },
      ]);
    }
  });

  test('returns the bytes of each line if they are requested', () => {
    const { values } = parsePieces(lineParser({}, { raw: true }), [bytesOf('{"a":1}\n\nno JSON\n')]);
    expect(values.map((value) => Buffer.from(value as Uint8Array).toString())).toEqual(['{"a":1}', 'no JSON']);
  });

  test('accepts a line up to the limit, and no longer', () => {
    const limit = 150_000;
    const line = (length: number) => JSON.stringify({ a: 'x'.repeat(length - 8) });
    const pieces = (text: string) => cutAt(bytesOf(text), 65_536, 131_072);
    const fits = parsePieces(lineParser({}, { maxElementBytes: limit }), pieces(`{}\n${line(limit)}\n{}\n`));
    expect(fits).toMatchObject({ fault: undefined, values: { length: 3 } });
    const tooLong = parsePieces(lineParser({}, { maxElementBytes: limit }), pieces(`{}\n${line(limit + 1)}\n{}\n`));
    const sentence =
      'line 2, column 1 (byte 3): expected an element of at most 150000 bytes, found a longer one, of which the first 65536 are kept. ' +
      'Look for a missing quotation mark or bracket; if the file is right, raise maxElementBytes of the broker.';
    const raw = bytesOf(line(limit + 1).slice(0, 65_536));
    expect(tooLong.values).toEqual([{}, new UnreadableMessage(raw, sentence, 'WM_ELEMENT_TOO_LARGE'), {}]);
  });

  test('agrees with JSON.parse about poison lines, however they are split', () => {
    for (let seed = 1; seed <= 300; seed++) {
      const random = new Random(seed);
      const lines = Array.from({ length: random.int(12) }, () => poisonLine(random));
      const ends = lines.map(() => random.pick(['\n', '\r\n', '\n \t\n', ' \n\n']));
      const bytes = Buffer.concat(lines.flatMap((line, i) => [line, Buffer.from(ends[i]!)]));
      const cuts = Array.from({ length: random.int(8) }, () => random.int(bytes.length + 1)).sort((a, b) => a - b);
      const { values, batches, fault } = parsePieces(lineParser(), cutAt(new Uint8Array(bytes), ...cuts));
      const kept = lines.map(trimmed).filter((line) => line.length > 0);
      expect({ seed, fault, count: values.length }).toEqual({ seed, fault: undefined, count: kept.length });
      const origins = batches.flatMap((batch) => batch.values.map((_, i) => batch.origin!(i)));
      for (const [i, value] of values.entries()) {
        expect({ seed, i, value: value instanceof UnreadableMessage ? undefined : value }).toEqual({
          seed,
          i,
          value: parseOrUndefined(kept[i]!),
        });
        const { raw, line, byte } = origins[i]!;
        expect({ seed, i, raw: Buffer.from(raw!).toString('latin1') }).toEqual({
          seed,
          i,
          raw: kept[i]!.toString('latin1'),
        });
        expect(bytes.subarray(byte, byte! + raw!.length).equals(raw!)).toBe(true);
        expect(bytes.subarray(0, byte).toString('latin1').split('\n')).toHaveLength(line!);
        if (value instanceof UnreadableMessage) {
          expect(Buffer.from(value.raw).equals(kept[i]!)).toBe(true);
          expect(value.reason).toMatch(
            new RegExp(`^line ${line}, column \\d+ \\(byte \\d+\\): expected .+, found .+\\.$`),
          );
        }
      }
    }
  });

  test('counts the column in characters, the byte in bytes, including leading white space', () => {
    const text = '\n  {"é":1}x\n\t\t{"n":}';
    const bytes = bytesOf(text);
    for (let cut = 0; cut <= bytes.length; cut++) {
      const { values } = parsePieces(lineParser(), cutAt(bytes, cut));
      expect(values).toEqual([
        new UnreadableMessage('{"é":1}x', "line 2, column 10 (byte 11): expected the end of the line, found 'x'."),
        new UnreadableMessage('{"n":}', "line 3, column 8 (byte 20): expected a value, found '}'."),
      ]);
    }
  });

  test('returns the deepest and the longest lines unchanged', () => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000);
    const open = '['.repeat(100_000);
    const number = '1'.repeat(300_000);
    const text = `${deep}\n${open}\n${number}\n{"n":1e400}`;
    const pieces = cutAt(bytesOf(text), ...Array.from({ length: 12 }, (_, i) => (i + 1) * 50_001));
    const { values, batches } = parsePieces(lineParser(), pieces);
    expect(values.map((value) => (value instanceof UnreadableMessage ? value.reason : typeof value))).toEqual([
      'object',
      `line 2, column 100001 (byte ${deep.length + 1 + 100_000}): expected a value, found the end of the line.`,
      'number',
      'object',
    ]);
    const raws = batches.flatMap((batch) => batch.values.map((_, i) => Buffer.from(batch.origin!(i).raw!).toString()));
    expect(raws).toEqual([deep, open, number, '{"n":1e400}']);
  });

  describe('buffers little', () => {
    const piece = new Uint8Array(65_536).fill(0x20);
    const spaces = (count: number) => Array.from({ length: count }, () => piece);
    const limit = 131_072;
    const few = 3 * 65_536;
    const parse = (...pieces: Uint8Array[]) => parsePieces(lineParser({}, { maxElementBytes: limit }), pieces);

    test.each<[string, Uint8Array[], unknown[]]>([
      ['before the first element', [...spaces(100), bytesOf('{"a":1}\n')], [{ a: 1 }]],
      ['behind an element', [bytesOf('{"a":1}'), ...spaces(100), bytesOf('\n{"a":2}')], [{ a: 1 }, { a: 2 }]],
      ['behind the last element', [bytesOf('{"a":1}'), ...spaces(100)], [{ a: 1 }]],
      ['on a line of its own', [bytesOf('{"a":1}\n'), ...spaces(100), bytesOf('\n{"a":2}')], [{ a: 1 }, { a: 2 }]],
      ['alone', spaces(100), []],
      [
        'as blank lines',
        [bytesOf('{"a":1}'), ...spaces(100).map((each) => new Uint8Array(each).fill(0x0a)), bytesOf('{"a":2}')],
        [{ a: 1 }, { a: 2 }],
      ],
      [
        'before what is no element',
        [bytesOf('{"a":1}'), ...spaces(100), bytesOf('x\n{"a":2}')],
        [
          new UnreadableMessage(
            bytesOf('{"a":1}'),
            `line 1, column ${6_553_608} (byte ${6_553_607}): expected the end of the line, found 'x'.`,
          ),
          { a: 2 },
        ],
      ],
    ])('of white space %s', (_, pieces, expected) => {
      const { values, fault, mostHeld, batches } = parse(...pieces);
      expect({ values, fault }).toEqual({ values: expected, fault: undefined });
      expect(mostHeld).toBeLessThanOrEqual(few);
      expect(batches.length).toBeLessThanOrEqual(expected.length + 1);
    });

    test('of a line that is far too long, whether it is the first or not', () => {
      const long = Array.from({ length: 100 }, () => new Uint8Array(65_536).fill(0x78));
      const parsed = parse(...long, bytesOf('\n{"a":1}\n"'), ...long, bytesOf('"\n{"a":2}\n'), ...long);
      expect(parsed.values.map((value) => (value instanceof UnreadableMessage ? value.code : value))).toEqual([
        'WM_ELEMENT_TOO_LARGE',
        { a: 1 },
        'WM_ELEMENT_TOO_LARGE',
        { a: 2 },
        'WM_ELEMENT_TOO_LARGE',
      ]);
      expect(parsed.mostHeld).toBeLessThanOrEqual(few + 65_536);
    });

    test('but counts white space within an element', () => {
      const { values } = parse(bytesOf('{"a":'), ...spaces(10), bytesOf('1}\n{"a":2}'));
      expect(values).toEqual([expect.objectContaining({ code: 'WM_ELEMENT_TOO_LARGE' }), { a: 2 }]);
    });

    test('and keeps surrounding white space if bytes are requested', () => {
      const parsed = parsePieces(lineParser({}, { raw: true }), [
        bytesOf('\t\tone \r\n'),
        ...spaces(100),
        bytesOf('\n  two'),
      ]);
      expect(parsed.values.map((value) => Buffer.from(value as Uint8Array).toString())).toEqual([
        '\t\tone \r',
        '  two',
      ]);
    });
  });

  test('bad and blank lines take one pass over the text, however many', () => {
    const length = jest.spyOn(Buffer, 'byteLength');
    const bytes = bytesOf(`${'{"é"}\n\n'.repeat(5_000)}{"n":1}`);
    const { values } = parsePieces(lineParser(), [bytes]);
    const counted = length.mock.calls.reduce((sum, [text]) => sum + (text as string).length, 0);
    length.mockRestore();
    expect(values).toHaveLength(5_001);
    expect(counted).toBeLessThanOrEqual(bytes.length);
  });
});

/** Returns a line that is an element, or is invalid in one of many ways. */
function poisonLine(random: Random): Buffer {
  const good = Buffer.from(JSON.stringify(randomObject(random, 2)));
  const poison = [
    '',
    '  ',
    '\ufeff{"a":1}',
    '\0\0\0',
    '{"a":1,"a":2}',
    '{"a":1e400}',
    '{"a":12345678901234567890}',
    '{"__proto__":{"a":1}}',
    '{"a":"\\ud800"}',
    '{"a":1} x',
    '{"a":1}}',
    '{"a"',
    "{'a':1}",
    '{"a":01}',
    '{"a":\u00a01}',
    'NaN',
    '[[[[',
    '[1,2]',
    'null',
    '"x"',
  ].map((line) => Buffer.from(line));
  poison.push(
    Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]),
    Buffer.from([0xc3]),
    Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]),
  );
  const line = random.chance(0.5) ? good : random.pick(poison);
  return Buffer.concat([Buffer.from(random.pick(['', '', ' ', '\t'])), line, Buffer.from(random.pick(['', '', '  ']))]);
}

function trimmed(line: Buffer): Buffer {
  return Buffer.from(line.toString('latin1').replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, ''), 'latin1');
}

function parseOrUndefined(line: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(line));
  } catch {
    return undefined;
  }
}
