import { UnreadableMessage } from '../../../lib/brokers/broker.js';
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
  ])('reads %j cut at any place', (text, count) => {
    const bytes = bytesOf(text);
    const lines = text.split('\n').filter((line) => line.trim() !== '');
    expect(lines).toHaveLength(count);
    for (let cut = 0; cut <= bytes.length; cut++) {
      const { values, fault } = parsePieces(lineParser(), cutAt(bytes, cut));
      expect({ cut, values, fault }).toEqual({ cut, values: lines.map((line) => JSON.parse(line)), fault: undefined });
    }
  });

  test('reads random lines cut at random places, and again from the mark of every batch', () => {
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
        const rest = parsePieces(lineParser(mark as object), [bytes.subarray(byte)], byte);
        expect({ seed, first: rest.batches[0]?.first, values: rest.values }).toEqual({
          seed,
          first,
          values: elements.slice(first),
        });
      }
    }
  });

  test('a bad line does not hide those after it, and says where it breaks', () => {
    const bytes = bytesOf('{"a":1}\n\n{"é":x}\n{"b":2}}\n{"c":3}\n{"d"');
    for (let cut = 0; cut <= bytes.length; cut++) {
      const { values } = parsePieces(lineParser(), cutAt(bytes, cut));
      expect(values).toEqual([
        { a: 1 },
        new UnreadableMessage('{"é":x}', "line 3, byte 7 of it (byte 15 of the file): expected a value, found 'x'"),
        new UnreadableMessage(
          '{"b":2}}',
          "line 4, byte 8 of it (byte 25 of the file): expected the end of the line, found '}'",
        ),
        { c: 3 },
        new UnreadableMessage(
          '{"d"',
          "line 6, byte 5 of it (byte 39 of the file): expected ':', found the end of the line",
        ),
      ]);
    }
  });

  test('a line that is no UTF-8 is given as bytes', () => {
    const bytes = new Uint8Array([...bytesOf('{"a":1}\n{"a":"'), 0xc3, 0x28, ...bytesOf('"}\n{"a":3}\n')]);
    for (let cut = 0; cut <= bytes.length; cut++) {
      const { values } = parsePieces(lineParser(), cutAt(bytes, cut));
      expect(values).toEqual([
        { a: 1 },
        new UnreadableMessage(
          bytes.slice(8, 18),
          'line 2, byte 7 of it (byte 14 of the file): expected UTF-8, found byte 0xc3',
        ),
        { a: 3 },
      ]);
    }
  });

  test('gives the bytes of each line, where they are asked for', () => {
    const { values } = parsePieces(lineParser({}, { raw: true }), [bytesOf('{"a":1}\n\nno JSON\n')]);
    expect(values.map((value) => Buffer.from(value as Uint8Array).toString())).toEqual(['{"a":1}', 'no JSON']);
  });

  test('one object over several lines is no list of lines', () => {
    const { fault, values } = parsePieces(lineParser(), [bytesOf('{\n  "a": 1\n}\n')]);
    expect(values).toEqual([]);
    expect(fault).toMatchObject({
      byte: 0,
      index: 0,
      expected: 'an array of objects, or one object per line',
      found: 'one that goes on in the next line',
    });
  });

  test('a line may be as long as the limit, and no longer', () => {
    const limit = 150_000;
    const line = (length: number) => JSON.stringify({ a: 'x'.repeat(length - 8) });
    const pieces = (text: string) => cutAt(bytesOf(text), 65_536, 131_072);
    const fits = parsePieces(lineParser({}, { maxElementBytes: limit }), pieces(`{}\n${line(limit)}\n{}\n`));
    expect(fits).toMatchObject({ fault: undefined, values: { length: 3 } });
    const tooLong = parsePieces(lineParser({}, { maxElementBytes: limit }), pieces(`{}\n${line(limit + 1)}\n{}\n`));
    expect(tooLong.values).toEqual([{}]);
    expect(tooLong.fault).toMatchObject({
      kind: 'too large',
      byte: 3,
      index: 1,
      expected: 'an element of at most 150000 bytes',
    });
  });
});
