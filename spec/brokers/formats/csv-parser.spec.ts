import { UnreadableMessage } from '../../../lib/brokers/batch.js';
import { CsvParser, type CsvParserOptions } from '../../../lib/brokers/formats/csv-parser.js';
import { firstRow, type RowStart } from '../../../lib/brokers/formats/row-parser.js';
import type { FileMark } from '../../../lib/brokers/parsing/text-batch.js';
import { Random } from '../../support/random.js';
import { cutAt, parsePieces } from '../json-file/parse-pieces.js';
import { readCsv } from './csv-oracle.js';

const bytesOf = (text: string) => new Uint8Array(Buffer.from(text));
const abc = ['a', 'b', 'c'];

const csvParser = (more: Partial<CsvParserOptions> = {}, start: RowStart = firstRow) =>
  new CsvParser(start, {
    raw: false,
    maxElementBytes: 1 << 20,
    delimiter: ',',
    columns: undefined,
    checkColumns: () => {},
    ...more,
  });

const rowsOf = (values: readonly unknown[]) =>
  values.map((value) => (value instanceof UnreadableMessage ? 'bad' : Object.values(value as object)));

describe('a CSV parser', () => {
  test.each([
    [
      'a,b,c\n1,2,3\n4,5,6\n',
      [
        ['1', '2', '3'],
        ['4', '5', '6'],
      ],
    ],
    [
      'a,b,c\r\n1,2,3\r\n4,5,6',
      [
        ['1', '2', '3'],
        ['4', '5', '6'],
      ],
    ],
    [
      '\ufeffa,b,c\n1,2,3\n\n\r\n4,,\n',
      [
        ['1', '2', '3'],
        ['4', '', ''],
      ],
    ],
    [
      'a,b,c\n"1\n\n2","x,""y""",\'z\r\n"","","\r"\r\n',
      [
        ['1\n\n2', 'x,"y"', "'z"],
        ['', '', '\r'],
      ],
    ],
    [
      'a,b,c\n1, 2 ,5"\n"x" , "y",z\n',
      [
        ['1', ' 2 ', '5"'],
        ['x', ' "y"', 'z'],
      ],
    ],
    [
      'a,b,c\n😀,é,\ufeff\n\ufeffx,y,z\n',
      [
        ['😀', 'é', '\ufeff'],
        ['\ufeffx', 'y', 'z'],
      ],
    ],
    ['"a","b\n","c"\n1,2,3\n', [['1', '2', '3']]],
    ['a,b,c\n', []],
    ['\n\na,b,c', []],
    ['', []],
    ['\n \n', []],
  ])('reads %j split at any place', (text, rows) => {
    const bytes = bytesOf(text);
    for (let cut = 0; cut <= bytes.length; cut++) {
      const { values, fault } = parsePieces(csvParser(), cutAt(bytes, cut));
      expect({ cut, rows: rowsOf(values), fault }).toEqual({ cut, rows, fault: undefined });
    }
  });

  test('reads rows by their columns', () => {
    const { values } = parsePieces(csvParser(), [bytesOf('b,__proto__,toString\n1,2,3\n')]);
    const entries = Object.entries(values[0] as object);
    expect(entries).toEqual([
      ['b', '1'],
      ['__proto__', '2'],
      ['toString', '3'],
    ]);
  });

  test('reads a single column: skips a blank line, reads an empty value in quotes', () => {
    const { values } = parsePieces(csvParser(), [bytesOf('a\n1\n\n""\r\n\r\n2')]);
    expect(values).toEqual([{ a: '1' }, { a: '' }, { a: '2' }]);
  });

  test('reads without a header, and with other delimiters', () => {
    const tabs = parsePieces(csvParser({ columns: abc, delimiter: '\t' }), [bytesOf('1\t"a\tb"\t3\n')]);
    expect(tabs.values).toEqual([{ a: '1', b: 'a\tb', c: '3' }]);
    const spaces = parsePieces(csvParser({ columns: abc, delimiter: ' ' }), [bytesOf('"1" 2 "3"\n')]);
    expect(spaces.values).toEqual([{ a: '1', b: '2', c: '3' }]);
  });

  test('reports where a bad row breaks, and reads the rows after it', () => {
    const text = 'a,b,c\n1,2\n"é",2,3,4\n\n5,"6"x,7\n8,9,10\n"a\nb","c"d,"e\nx,y,z\n"1","2","3\n';
    const bytes = bytesOf(text);
    for (let cut = 0; cut <= bytes.length; cut++) {
      const { values } = parsePieces(csvParser(), cutAt(bytes, cut));
      expect(values).toEqual([
        new UnreadableMessage('1,2', 'line 2, column 1 (byte 6): expected 3 values (a, b, c), found 2.'),
        new UnreadableMessage('"é",2,3,4', 'line 3, column 1 (byte 10): expected 3 values (a, b, c), found 4.'),
        new UnreadableMessage(
          '5,"6"x,7',
          "line 5, column 6 (byte 27): expected ',' or the end of the row after a closing double quote, found 'x'.",
        ),
        { a: '8', b: '9', c: '10' },
        new UnreadableMessage(
          '"a\nb","c"d,"e',
          "line 8, column 7 (byte 47): expected ',' or the end of the row after a closing double quote, found 'd'.",
        ),
        { a: 'x', b: 'y', c: 'z' },
        new UnreadableMessage(
          '"1","2","3\n',
          'line 10, column 9 (byte 66): expected a closing double quote for the one here, found none up to the end of the file.',
        ),
      ]);
    }
  });

  test('returns a bad row for invalid UTF-8, and reads the others', () => {
    const bytes = Buffer.concat([Buffer.from('a,b\né,2\n'), Buffer.from([0x78, 0xff]), Buffer.from(',4\n"5",6\n')]);
    const { values } = parsePieces(csvParser(), [new Uint8Array(bytes)]);
    expect(values).toEqual([
      { a: 'é', b: '2' },
      new UnreadableMessage(
        new Uint8Array([0x78, 0xff, 0x2c, 0x34]),
        'line 3, column 2 (byte 10): expected UTF-8, found byte 0xff.',
      ),
      { a: '5', b: '6' },
    ]);
  });

  test('returns the place and the text of each row', () => {
    const { batches } = parsePieces(csvParser(), [bytesOf('a,b\n1,2\r\n\n"x\ny",é\nbad\n')]);
    const origins = batches.flatMap((batch) => batch.values.map((_, i) => batch.origin?.(i)));
    expect(origins.map((origin) => ({ ...origin, raw: Buffer.from(origin!.raw!).toString() }))).toEqual([
      { raw: '1,2', line: 2, byte: 4 },
      { raw: '"x\ny",é', line: 4, byte: 10 },
      { raw: 'bad', line: 6, byte: 19 },
    ]);
  });

  test('returns the bytes of rows if they are requested', () => {
    const { values, batches } = parsePieces(csvParser({ raw: true }), [bytesOf('a,b\n1,2\r\n"x\ny",3\n')]);
    expect(values.map((value) => Buffer.from(value as Uint8Array).toString())).toEqual(['1,2', '"x\ny",3']);
    expect(batches.flatMap(({ origin }) => origin?.call(batches[0], 0))).toHaveLength(batches.length);
  });

  test('returns a bad row if it is too large, without buffering it', () => {
    const long = 'x'.repeat(300_000);
    for (const row of [`"${long}",2`, `1,${long}`, `"${long}`]) {
      const text = `a,b\n1,2\n${row}\n3,4\n`;
      const pieces = Array.from({ length: Math.ceil(text.length / 1000) }, (_, i) =>
        bytesOf(text.slice(i * 1000, (i + 1) * 1000)),
      );
      const { values, mostHeld, batches } = parsePieces(csvParser({ maxElementBytes: 131_072 }), pieces);
      expect(values[0]).toEqual({ a: '1', b: '2' });
      expect(values[1]).toMatchObject({
        code: 'WM_ELEMENT_TOO_LARGE',
        reason: expect.stringMatching(/^line 3, column 1 \(byte 8\)/),
      });
      expect(values[2]).toEqual({ a: '3', b: '4' });
      expect(mostHeld).toBeLessThan(140_000);
      const last = batches.find((batch) => batch.values.includes(values[2]))!;
      expect(last.origin?.(last.values.indexOf(values[2]))).toMatchObject({ line: 4 });
      expect(last.mark).toEqual({ index: 2, byte: text.length - '3,4\n'.length - 1, line: 3 });
    }
    // A row that is complete before its size is checked.
    const { values } = parsePieces(csvParser({ maxElementBytes: 200_000 }), [bytesOf(`a,b\n1,${long}\n3,4\n`)]);
    expect(values).toMatchObject([{ code: 'WM_ELEMENT_TOO_LARGE' }, { a: '3', b: '4' }]);
  });

  test('throws if the header cannot be read', () => {
    expect(parsePieces(csvParser(), [bytesOf('a,"b"c\n1,2\n')]).fault).toMatchObject({
      byte: 5,
      expected: 'a row with the names of the columns',
    });
    expect(parsePieces(csvParser({ maxElementBytes: 1000 }), [bytesOf(`"${'x'.repeat(2000)}`)]).fault).toMatchObject({
      byte: 0,
    });
    const bare = bytesOf(`${'a,b\r'.repeat(600)}`);
    expect(parsePieces(csvParser({ maxElementBytes: 1000 }), [bare]).fault).toMatchObject({
      byte: 3,
      expected: 'a line feed at the end of the row',
      found: 'a carriage return alone',
    });
  });

  test('agrees with the oracle for random splits, and again from the mark of every batch', () => {
    for (let seed = 1; seed <= 500; seed++) {
      const random = new Random(seed);
      const delimiter = random.pick([',', ';', '\t']);
      const pieces = ['"', '"', '""', delimiter, delimiter, '\n', '\r\n', '\r', ' ', 'x', 'é', '12', '\ufeff'];
      const wild = Array.from({ length: random.int(60) }, () => random.pick(pieces)).join('');
      const value = () =>
        random.pick(['1', 'x y', '""', '"a, b"', `"${delimiter}\n"`, '"\r\n"', '"é""😀"', '', ' ', '5"', '"x" ']);
      const rows = Array.from({ length: random.int(20) }, () =>
        Array.from({ length: random.int(10) === 0 ? random.int(5) : 3 }, value).join(delimiter),
      );
      const tame = rows.map((row) => row + random.pick(['\n', '\r\n', '\n\n'])).join('');
      const text = random.int(2) === 0 ? tame : tame + wild;
      const bytes = bytesOf(`a${delimiter}b${delimiter}c\n${text}`);
      const cuts = Array.from({ length: random.int(8) }, () => random.int(bytes.length + 1)).sort((a, b) => a - b);
      const expected = readCsv(text, delimiter).map((row) => (row.length === 3 && row !== 'broken' ? row : 'bad'));
      const { values, batches, fault } = parsePieces(csvParser({ delimiter }), cutAt(bytes, ...cuts));
      expect({ seed, rows: rowsOf(values), fault }).toEqual({ seed, rows: expected, fault: undefined });
      for (const { first, mark, values: own } of batches) {
        if (first === 0) continue;
        const { byte, line, index } = mark as unknown as Required<FileMark>;
        const again = csvParser({ delimiter, columns: abc }, { index, line, separator: byte });
        const rest = parsePieces(again, [bytes.subarray(byte + 1)], byte + 1);
        expect({ seed, first: rest.batches[0]?.first, values: rest.values }).toEqual({
          seed,
          first,
          values: values.slice(first),
        });
        if (own.length > 0)
          expect(rest.batches[0]!.origin?.(0)).toEqual(
            batches.find((b) => b.first === first && b.values.length > 0)!.origin?.(0),
          );
      }
    }
  });
});
