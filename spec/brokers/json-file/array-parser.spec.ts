import { UnreadableMessage } from '../../../lib/brokers/batch.js';
import { Random } from '../../support/random.js';
import { randomJson, randomObject, spacedText } from '../../support/random-json.js';
import { arrayParser, cutAt, parsePieces } from './parse-pieces.js';

const bytesOf = (text: string) => new Uint8Array(Buffer.from(text));

const tricky = [
  '[]',
  ' [ ] '.trim(),
  '[{}]\n',
  '[{"a":1},{"b":2}]',
  '[\n{"a":1},\n{"b":[{"c":1},{"d":"},{"}]},\n{"e":{}}\n]\n',
  '[{"s":"\\"},{\\\\"},{"s":"\\\\"},{"s":"\\\\\\""}]',
  '[{"s":"\\ud83d\\ude00"},{"s":"😀"},{"漢":"字"},{"é":"\u2028"}]',
  '[ {"a" : [1 , 2] } , {"b":"]"} ,{"c":"["}, {} ]  \r\n',
  '[1,"x",null,[2,[3]],true,{"a":-1.5e-3}]',
];

describe('an array parser', () => {
  test.each(tricky)('reads %s split at any place', (text) => {
    const bytes = bytesOf(text);
    const expected = JSON.parse(text);
    for (let cut = 0; cut <= bytes.length; cut++) {
      expect(parsePieces(arrayParser(), cutAt(bytes, cut))).toMatchObject({ values: expected, fault: undefined });
    }
    const single = [...bytes].map((byte) => new Uint8Array([byte]));
    expect(parsePieces(arrayParser(), single)).toMatchObject({ values: expected, fault: undefined });
  });

  test('reads random arrays with random splits, and again from the mark of every batch', () => {
    for (let seed = 1; seed <= 400; seed++) {
      const random = new Random(seed);
      const depth = random.int(4);
      const elements = Array.from({ length: random.int(30) }, () =>
        random.chance(0.7) ? randomObject(random, depth) : randomJson(random, depth),
      );
      const bytes = bytesOf(spacedText(random, elements).trimStart());
      const cuts = Array.from({ length: random.int(8) }, () => random.int(bytes.length)).sort((a, b) => a - b);
      const { values, batches, fault } = parsePieces(arrayParser(), cutAt(bytes, ...cuts));
      expect({ seed, values, fault }).toEqual({ seed, values: elements, fault: undefined });
      for (const { first, mark } of batches.filter(({ end }) => !end)) {
        const { byte } = mark as { byte: number };
        const rest = parsePieces(arrayParser(first), [bytes.subarray(byte)], byte);
        expect({ seed, first: rest.batches[0]?.first, values: rest.values }).toEqual({
          seed,
          first,
          values: elements.slice(first),
        });
      }
    }
  });

  test('returns batches of whole pieces of text, numbered consecutively', () => {
    const elements = Array.from({ length: 9000 }, (_, i) => ({ n: i, text: 'x'.repeat(i % 40) }));
    const bytes = bytesOf(JSON.stringify(elements));
    const cuts = Array.from({ length: Math.floor(bytes.length / 65536) }, (_, i) => (i + 1) * 65536);
    const { batches, values } = parsePieces(arrayParser(), cutAt(bytes, ...cuts));
    expect(values).toEqual(elements);
    expect(batches.length).toBeLessThanOrEqual(cuts.length + 4);
    let next = 0;
    for (const { first, values } of batches) {
      expect(first).toBe(next);
      next += values.length;
    }
  });

  test('does not change a batch when it continues', () => {
    const bytes = bytesOf('[{"a":"one"},{"a":"two"},{"a":"three"}]');
    const raw = parsePieces(arrayParser(0, { raw: true }), cutAt(bytes, 15, 30));
    expect(raw.values.map((value) => Buffer.from(value as Uint8Array).toString())).toEqual([
      '{"a":"one"}',
      '{"a":"two"}',
      '{"a":"three"}',
    ]);
  });

  test('returns the bytes of each element if they are requested, split at any place', () => {
    const text = '[ {"a" : "},{é"} ,\n2, [3, 4] ,"x"\t]';
    const bytes = bytesOf(text);
    for (let cut = 0; cut <= bytes.length; cut++) {
      const { values, fault } = parsePieces(arrayParser(0, { raw: true }), cutAt(bytes, cut));
      expect(fault).toBeUndefined();
      expect(values.map((value) => Buffer.from(value as Uint8Array).toString())).toEqual([
        '{"a" : "},{é"}',
        '2',
        '[3, 4]',
        '"x"',
      ]);
    }
  });

  test.each([
    ['[{"a":1},{"a":1', 1, 15, "',' or '}'", 'the end of the file'],
    ['[{"a":1}', 0, 8, "',' or ']'", 'the end of the file'],
    ['[{"a":1},', 1, 9, 'a value', 'the end of the file'],
    ['[', 0, 1, 'a value', 'the end of the file'],
    ['[{"a":1},]', 1, 9, 'a value', "']'"],
    ['[,{"a":1}]', 0, 1, 'a value', "','"],
    ['[{"a":1},,{"a":1}]', 1, 9, 'a value', "','"],
    ['[{"a":1} {"a":2}]', 0, 9, "',' or ']'", "'{'"],
    ['[{"a":1},{"a":1]', 1, 15, "',' or '}'", "']'"],
    ['[{"a":1},{"a"=1}]', 1, 13, "':'", "'='"],
    ['[{"a":1},{a:1}]', 1, 10, 'a property name in double quotes', "'a'"],
    ['[{"a":1},{"a":1,}]', 1, 16, 'a property name in double quotes', "'}'"],
    ['[{"a":nul}]', 0, 9, 'null', "'}'"],
    ['[{"a":01}]', 0, 7, "',' or '}'", "'1'"],
    ['[{"a":1.}]', 0, 8, 'a digit', "'}'"],
    ['[{"a":NaN}]', 0, 6, 'a value', "'N'"],
    ['[{"a":"x\ny"}]', 0, 8, 'a closing double quote, or this character as an escape', 'byte 0x0a'],
    ['[{"a":"\\x"}]', 0, 8, 'one of " \\ / b f n r t u after a backslash', "'x'"],
    ['[{"a":"\\u12g4"}]', 0, 11, 'four hexadecimal digits after \\u', "'g'"],
    ['[{"a":1}]x', 1, 9, "the end of the file after the closing ']'", "'x'"],
    ['[{"a":1}]\n[]', 1, 10, "the end of the file after the closing ']'", "'['"],
    ['[{"a":1},é]', 1, 9, 'a value', "'é'"],
  ])('reports where %s breaks, however it is split', (text, index, byte, expected, found) => {
    const bytes = bytesOf(text);
    for (let cut = 0; cut <= bytes.length; cut++) {
      const parsed = parsePieces(arrayParser(), cutAt(bytes, cut));
      expect({ cut, fault: parsed.fault }).toMatchObject({ cut, fault: { byte, index, expected, found } });
      expect({ cut, values: parsed.values }).toEqual({ cut, values: [{ a: 1 }].slice(0, parsed.fault?.index) });
    }
  });

  test('finds invalid UTF-8 after the elements before it', () => {
    const bytes = new Uint8Array([...bytesOf('[{"a":1},{"a":"é€😀'), 0xff, ...bytesOf('"}]')]);
    for (let cut = 0; cut <= bytes.length; cut++) {
      const { values, fault } = parsePieces(arrayParser(), cutAt(bytes, cut));
      expect(values).toEqual([{ a: 1 }]);
      expect(fault).toMatchObject({ byte: 24, index: 1, expected: 'UTF-8', found: 'byte 0xff' });
    }
  });

  test('rejects exactly what JSON.parse rejects, and returns the elements before it', () => {
    let refused = 0;
    for (let seed = 1; seed <= 3000; seed++) {
      const random = new Random(seed);
      const elements = Array.from({ length: 1 + random.int(6) }, () => randomObject(random, 2));
      const text = JSON.stringify(elements);
      const at = 1 + random.int(text.length - 1);
      const broken =
        text.slice(0, at) +
        random.pick(['', ',', '}', '{', ']', '[', '"', '\\', 'x', ':', '1']) +
        text.slice(at + random.int(2));
      const expected = parseOrUndefined(Buffer.from(broken).toString());
      const bytes = bytesOf(broken);
      const { values, fault } = parsePieces(arrayParser(), cutAt(bytes, random.int(bytes.length)));
      if (expected === undefined) refused++;
      expect({ seed, broken, refused: fault !== undefined }).toEqual({ seed, broken, refused: expected === undefined });
      if (expected !== undefined) expect({ seed, values }).toEqual({ seed, values: expected });
      else expect({ seed, count: values.length }).toEqual({ seed, count: fault?.index });
    }
    expect(refused).toBeGreaterThan(1000);
  });

  test('accepts an element up to the limit, and no longer', () => {
    const limit = 200_000;
    const element = (length: number) => JSON.stringify({ a: 'x'.repeat(length - 8) });
    const pieces = (text: string) =>
      cutAt(bytesOf(text), ...Array.from({ length: Math.floor(text.length / 65536) }, (_, i) => (i + 1) * 65536));
    const fits = parsePieces(arrayParser(0, { maxElementBytes: limit }), pieces(`[{},${element(limit - 1)},{}]`));
    expect(fits).toMatchObject({ fault: undefined, values: [{}, { a: expect.any(String) }, {}] });
    const spaced = `[ ${' '.repeat(70_000)}${element(limit)}${' '.repeat(70_000)},{}]`;
    expect(parsePieces(arrayParser(0, { maxElementBytes: limit }), pieces(spaced))).toMatchObject({
      fault: undefined,
      values: [{ a: expect.any(String) }, {}],
    });
    const tooLong = parsePieces(arrayParser(0, { maxElementBytes: limit }), pieces(`[{},${element(limit + 1)},{}]`));
    const sentence =
      'byte 4: expected an element of at most 200000 bytes, found a longer one, of which the first 65536 are kept. ' +
      'Look for a missing quotation mark or bracket; if the file is right, raise maxElementBytes of the broker.';
    const raw = bytesOf(element(limit + 1).slice(0, 65_536));
    expect(tooLong).toMatchObject({ fault: undefined });
    expect(tooLong.values).toEqual([{}, new UnreadableMessage(raw, sentence, 'WM_ELEMENT_TOO_LARGE'), {}]);
  });

  test('reports an unclosed string where it breaks, although the element seems too long', () => {
    const text = `[{"a":1},{"a":"x},${'{"a":1},'.repeat(30_000)}{"a":2}]`;
    const pieces = cutAt(bytesOf(text), ...Array.from({ length: 3 }, (_, i) => (i + 1) * 65536));
    const { values, fault } = parsePieces(arrayParser(0, { maxElementBytes: 131_072 }), pieces);
    expect(values).toEqual([{ a: 1 }]);
    expect(fault).toMatchObject({ byte: 20, index: 1, expected: "',' or '}'", found: "'a'" });
  });

  test('returns the text and the place of every element, however the text is split', () => {
    for (let seed = 1; seed <= 200; seed++) {
      const random = new Random(seed);
      const tokens = Array.from({ length: random.int(12) }, () =>
        random.pick([
          '{"a":1e400}',
          '{"a" : 1, "a":2}',
          '{"é":"},{"}',
          '12345678901234567890',
          '[[ 1 ],{}]',
          '"\\ud800"',
          '{"__proto__":1}',
        ]),
      );
      const space = () => random.pick(['', '', ' ', '\n', '\t\r\n']);
      const text = `[${tokens.map((token) => space() + token + space()).join(',')}]`;
      const bytes = bytesOf(text);
      const cuts = Array.from({ length: random.int(8) }, () => random.int(bytes.length)).sort((a, b) => a - b);
      const { values, batches } = parsePieces(arrayParser(), cutAt(bytes, ...cuts));
      const origins = batches.flatMap((batch) => batch.values.map((_, i) => batch.origin!(i)));
      expect({ seed, values }).toEqual({ seed, values: JSON.parse(text) });
      expect({ seed, raws: origins.map(({ raw }) => Buffer.from(raw!).toString()) }).toEqual({ seed, raws: tokens });
      for (const { raw, byte } of origins)
        expect(
          Buffer.from(bytes)
            .subarray(byte, byte! + raw!.length)
            .equals(raw!),
        ).toBe(true);
    }
  });

  describe('buffers little', () => {
    const piece = new Uint8Array(65_536).fill(0x20);
    const spaces = Array.from({ length: 100 }, () => piece);
    const limit = 131_072;
    const parse = (...pieces: Uint8Array[]) => parsePieces(arrayParser(0, { maxElementBytes: limit }), pieces);
    const few = 3 * 65_536;

    test.each<[string, Uint8Array[], unknown[]]>([
      ['before the first element', [bytesOf('['), ...spaces, bytesOf('{"a":1},{"a":2}]')], [{ a: 1 }, { a: 2 }]],
      ['behind a comma', [bytesOf('[{"a":1},'), ...spaces, bytesOf('{"a":2}]')], [{ a: 1 }, { a: 2 }]],
      ['behind an element', [bytesOf('[{"a":1}'), ...spaces, bytesOf(',{"a":2}]')], [{ a: 1 }, { a: 2 }]],
      ['behind a number', [bytesOf('[1,23'), ...spaces, bytesOf(',{"a":2}]')], [1, 23, { a: 2 }]],
      ['before the end', [bytesOf('[{"a":1}'), ...spaces, bytesOf(']')], [{ a: 1 }]],
      ['behind the end', [bytesOf('[{"a":1}]'), ...spaces], [{ a: 1 }]],
      ['in an empty array', [bytesOf('['), ...spaces, bytesOf(']')], []],
    ])('of white space %s', (_, pieces, expected) => {
      const { values, fault, mostHeld, batches } = parse(...pieces);
      expect({ values, fault }).toEqual({ values: expected, fault: undefined });
      expect(mostHeld).toBeLessThanOrEqual(few);
      const bytes = Buffer.concat(pieces);
      for (const { first, mark, end } of batches) {
        if (end || first === 0) continue;
        const { byte } = mark as { byte: number };
        // These bytes show a reopened reader whether the file is still the same.
        expect(String.fromCharCode(bytes[byte]!)).toMatch(/[[,]/);
        expect(parsePieces(arrayParser(first), cutAt(bytes.subarray(byte), 65_536), byte).values).toEqual(
          expected.slice(first),
        );
      }
    });

    test.each<[string, Uint8Array[], unknown[], object]>([
      [
        'a missing comma',
        [bytesOf('[{"a":1}'), ...spaces, bytesOf('{"a":2}]')],
        [{ a: 1 }],
        { expected: "',' or ']'", found: "'{'", byte: 6_553_608 },
      ],
      [
        'a missing bracket',
        [bytesOf('[{"a":1}'), ...spaces],
        [{ a: 1 }],
        { expected: "',' or ']'", found: 'the end of the file' },
      ],
      [
        'a missing element',
        [bytesOf('[{"a":1},'), ...spaces, bytesOf(']')],
        [{ a: 1 }],
        { expected: 'a value', found: "']'", byte: 6_553_609 },
      ],
      [
        'a broken element',
        [bytesOf('[{"a":1},12 3'), ...spaces, bytesOf(']')],
        [{ a: 1 }],
        { expected: "',' or ']'", found: "'3'", byte: 12 },
      ],
    ])('and reports the place of %s', (_, pieces, expected, fault) => {
      const parsed = parse(...pieces);
      expect(parsed.values).toEqual(expected);
      expect(parsed.fault).toMatchObject(fault);
      expect(parsed.mostHeld).toBeLessThanOrEqual(few);
    });

    test('of elements that are far too long, of every kind', () => {
      const filled = (byte: number) => Array.from({ length: 100 }, () => new Uint8Array(65_536).fill(byte));
      const parsed = parse(
        ...[bytesOf('[{"a":"'), ...filled(0x78), bytesOf('"},{"a":1},[')],
        ...[...filled(0x5b), ...filled(0x5d), bytesOf('],{"a":2},')],
        ...[...filled(0x31), bytesOf(',{"a":'), ...spaces, bytesOf('1},{"a":3},"'), ...filled(0x78), bytesOf('"]\n')],
      );
      expect(parsed.fault).toBeUndefined();
      const codes = parsed.values.map((value) => (value instanceof UnreadableMessage ? value.code : value));
      const large = 'WM_ELEMENT_TOO_LARGE';
      expect(codes).toEqual([large, { a: 1 }, large, { a: 2 }, large, large, { a: 3 }, large]);
      expect(parsed.mostHeld).toBeLessThanOrEqual(few + 65_536);
    });

    test('and reports where a text ends within an element that is far too long', () => {
      const long = Array.from({ length: 10 }, () => new Uint8Array(65_536).fill(0x78));
      const { values, fault } = parse(bytesOf('[{"a":1},"'), ...long);
      expect(values).toEqual([{ a: 1 }, expect.objectContaining({ code: 'WM_ELEMENT_TOO_LARGE' })]);
      expect(fault).toMatchObject({ expected: "',' or ']'", found: 'the end of the file', index: 2, byte: 655_370 });
    });
  });

  test('endless nesting does not overflow the stack', () => {
    const { fault } = parsePieces(arrayParser(), [bytesOf(`[${'['.repeat(200_000)}x`)]);
    expect(fault).toMatchObject({ byte: 200_001, expected: 'a value', found: "'x'" });
  });
});

function parseOrUndefined(text: string): unknown {
  try {
    const value = JSON.parse(text);
    return Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
