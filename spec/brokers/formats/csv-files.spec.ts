import { readFileSync, writeFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';
import {
  alias,
  BadMessage,
  csv,
  DirectoryMessageBroker,
  Field,
  type FileEntryOptions,
  field,
  type InputOptions,
  JsonFileMessageBroker,
  type JsonFileOptions,
  joinStreams,
  joinWith,
  Message,
  message,
  processFunction,
  WaterMill,
  type WaterMillError,
} from 'watermill';
import { type TemporaryDirectory, temporaryDirectory } from '../../support/temporary-directory.js';

enum Color {
  Red = 'red',
  Blue = 'blue',
}

@Message()
class Reading {
  @Field() time!: number;
  @Field({ name: 'sensor_id' }) sensor!: string;
  @Field(() => Number, { optional: true }) value?: number;
  @Field(() => String, { nullable: true }) note!: string | null;
}

@Message()
class Everything {
  @Field() id!: bigint;
  @Field() at!: Date;
  @Field() good!: boolean;
  @Field(() => Color) color!: Color;
  @Field({ oneOf: [1, 2] }) side!: 1 | 2;
  @Field(() => [Number]) list!: number[];
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
const textOf = (name: string): string => readFileSync(directory.file(name), 'utf8');

/** Returns the elements that a mill reads from a file. */
async function read(
  name: string,
  content: string | Uint8Array,
  options: FileEntryOptions<Reading> = {},
  policy: InputOptions<Reading> = {},
) {
  const path = put(name, content);
  const seen: object[] = [];
  const broker = new JsonFileMessageBroker([
    [Reading, path, options],
    [BadMessage, directory.file('bad.ndjson')],
  ]);
  const process = processFunction(Reading, {}, (reading) => void seen.push({ ...reading }));
  const error = await new WaterMill({ process, broker, inputs: [[Reading, policy]] }).run().then(
    () => undefined,
    (thrown: WaterMillError) => thrown,
  );
  return { seen, error, path };
}

const table = 'time,sensor_id,value,note\n1,a,1.5,x\n2,"b, c",,\n';
const readings = [
  { time: 1, sensor: 'a', value: 1.5, note: 'x' },
  { time: 2, sensor: 'b, c', note: null },
];

describe('a CSV file', () => {
  test.each<[string, string | Uint8Array, FileEntryOptions<Reading>]>([
    ['r.csv', table, {}],
    ['R.CSV', table, {}],
    ['r.csv', `\ufeff${table.replaceAll('\n', '\r\n')}`, {}],
    ['r.csv.gz', gzipSync(table), {}],
    ['r.csv', gzipSync(table), {}],
    ['r.tsv', table.replaceAll(',', '\t').replace('"b\t c"', 'b, c'), {}],
    ['r.txt', table, { format: csv() }],
    ['r.csv', table.replaceAll(',', ';').replace('b; c', 'b, c'), { format: csv({ delimiter: ';' }) }],
    ['r.csv', 'note,x,value,sensor_id,time\nx,,1.5,a,1\n,9,,"b, c",2', {}],
    ['r.csv', table.slice(table.indexOf('\n') + 1), { format: csv({ header: false }) }],
    ['r.csv', '-,a,1,1.5,x\n-,"b, c",2,,\n', { format: csv({ header: ['', 'sensor_id', 'time', 'value', 'note'] }) }],
  ])('is read by its class: %s %#', async (name, content, options) => {
    const { seen, error } = await read(name, content, options);
    expect(error).toBeUndefined();
    expect(seen).toEqual(readings);
  });

  describe('whose lines end with a carriage return alone', () => {
    const bare = table.replaceAll('\n', '\r');

    test.each([
      bare,
      bare.slice(0, -1),
      `\ufeff${bare}`,
      bare.replace('note', '"note"'),
      `${bare}${bare}`.repeat(9_000),
    ])('is refused, with what to do: %#', async (content) => {
      const { error, seen, path } = await read('r.csv', content);
      expect([seen, error]).toMatchObject([[], { code: 'WM_FILE_BROKEN' }]);
      const sentence =
        /^(.*), line 1, column \d+ \(byte \d+, element 0\): expected a line feed at the end of the row, found a carriage return alone\. Convert the line ends: tr '\\r' '\\n' < FILE > OTHER\.$/;
      expect(error!.message.match(sentence)?.[1]).toBe(path);
    });

    test('is one bad row if an option names the columns', async () => {
      const rows = bare.slice(bare.indexOf('\r') + 1);
      for (const content of [rows, rows.replaceAll('1.5,x', '1.5,"x"')]) {
        const { error } = await read('r.csv', content, { format: csv({ header: false }) });
        expect(error).toMatchObject({ code: 'WM_BAD_MESSAGE' });
        expect(error!.message).toMatch(/expected a line feed at the end of the row, found a carriage return alone/);
      }
    });

    test('differs from a value that contains one', async () => {
      const { seen, error } = await read('r.csv', 'time,sensor_id,"no\rte",note\n1,"a\rb",,c\rd\n');
      expect([error, seen]).toEqual([undefined, [{ time: 1, sensor: 'a\rb', note: 'c\rd' }]]);
    });
  });

  test('supports every type of field', async () => {
    const path = put(
      'e.csv',
      'id,at,good,color,side,list\n12345678901234567890,2026-01-02T03:04:05.678Z,TRUE,blue,2,"[1,2.5]"\n1,0,false,red,1,[]\n',
    );
    const broker = new JsonFileMessageBroker([[Everything, path]]);
    const seen: Everything[] = [];
    await new WaterMill({ process: processFunction(Everything, {}, (each) => void seen.push(each)), broker }).run();
    expect(seen).toEqual([
      message(Everything, {
        id: 12345678901234567890n,
        at: new Date('2026-01-02T03:04:05.678Z'),
        good: true,
        color: Color.Blue,
        side: 2,
        list: [1, 2.5],
      }),
      message(Everything, { id: 1n, at: new Date(0), good: false, color: Color.Red, side: 1, list: [] }),
    ]);
    expect(seen[0]).toBeInstanceOf(Everything);
  });

  test.each([
    ['1,a,1\n', 'line 3, column 1 (byte 33): expected 4 values (time, sensor_id, value, note), found 3.'],
    ['1,a,1,x,y\n', 'line 3, column 1 (byte 33): expected 4 values (time, sensor_id, value, note), found 5.'],
    [
      '1,"a"x,1,\n',
      "line 3, column 6 (byte 38): expected ',' or the end of the row after a closing double quote, found 'x'.",
    ],
    [
      '1,"a',
      'line 3, column 3 (byte 35): expected a closing double quote for the one here, found none up to the end of the file.',
    ],
  ])('with the row %j is refused, naming its place', async (row, reason) => {
    const { seen, error, path } = await read('r.csv', `time,sensor_id,value,note\n0,a,1,\n${row}`);
    expect(seen).toHaveLength(1);
    expect(error).toMatchObject({ code: 'WM_BAD_MESSAGE', details: { position: 1, line: 3, byte: 33 } });
    expect(error!.message).toContain(`Reading at position 1 of ${path} cannot be read: ${reason} Fix the message`);
  });

  test('with a value that is not of its field names line and field', async () => {
    const { error, path } = await read('r.csv', 'time,sensor_id,note\n1,"a\nb",\n2x,a,\n');
    expect(error!.message).toMatch(
      `Reading at position 1 of ${path}, line 4, cannot be read: field time must be a finite number, but is the string "2x".`,
    );
    expect(error).toMatchObject({ code: 'WM_BAD_MESSAGE', details: { position: 1, line: 4, field: 'time' } });
    const empty = await read('r.csv', 'time,sensor_id,note\n,a,\n');
    expect(empty.error!.message).toMatch(
      'line 2, cannot be read: field time must be a finite number, but is the string "".',
    );
  });

  test('writes bad rows to dead letters unchanged', async () => {
    const rows = 'time,sensor_id,note\n1,a,x\n2,b\n"3","c, ""d""","e"x\nz,"f",\n4,g,\n';
    const { seen, error } = await read('r.csv', rows, {}, { onBadMessage: { deadLetter: BadMessage } });
    expect(error).toBeUndefined();
    expect(seen).toMatchObject([{ time: 1 }, { time: 4 }]);
    const letters = textOf('bad.ndjson')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(letters.map(({ position, raw }) => ({ position, raw }))).toEqual([
      { position: 1, raw: '2,b' },
      { position: 2, raw: '"3","c, ""d""","e"x' },
      { position: 3, raw: 'z,"f",' },
    ]);
  });

  test.each<[string, string]>([
    ['time,note\n', 'expected a column "sensor_id", found "time", "note".'],
    ['time,Sensor-ID,note\n', 'Rename the column, or the field: @Field({ name: "Sensor-ID" }).'],
    ['time;sensor_id;note\n', 'If another character is between the values, name that: csv({ delimiter }).'],
    ['1,a,2,x\n2,b,3,y\n', 'If the first row is data, name the columns: format: csv({ header: [...] }).'],
    ['time,sensor_id,note,time\n', 'expected a name for each column, found "time" twice. Rename one of them.'],
  ])('with the header %j does not fit', async (header, reason) => {
    const { seen, error, path } = await read('r.csv', `${header}1,2,3\n`);
    expect(seen).toEqual([]);
    expect(error).toMatchObject({ code: 'WM_CSV_HEADER', details: { message: 'Reading', stream: path } });
    expect(error!.message).toMatch(`The columns of ${path} do not fit Reading: `);
    expect(error!.message).toContain(reason);
  });

  test.each(['n, s', 'n,S', 'n,_s'])(
    'with a column that is nearly that of an optional field does not fit: %s',
    async (header) => {
      @Message()
      class Optional {
        @Field() n!: number;
        @Field(() => String, { optional: true }) s?: string;
      }
      const found = header.slice(2);
      const file = directory.file('o.csv');
      const run = (text: string) => {
        writeFileSync(file, text);
        const broker = new JsonFileMessageBroker([[Optional, file, { format: csv() }]]);
        return new WaterMill({ process: processFunction(Optional, {}, () => {}), broker }).run();
      };
      await expect(run(`${header}\n1,a\n`)).rejects.toMatchObject({
        code: 'WM_CSV_HEADER',
        message:
          `The columns of ${file} do not fit Optional: expected a column "s", found "${found}". ` +
          `Rename the column, or the field: @Field({ name: "${found}" }).`,
      });
      expect((await run(`${header},s\n1,a,b\n`)).calls).toBe(1);
    },
  );

  test('must have only the columns of a strict class, and at least one of a class without required fields', async () => {
    @Message({ strict: true })
    class Strict {
      @Field() a!: number;
    }
    @Message()
    class Loose {
      @Field(() => Number, { optional: true }) a?: number;
      // A default in the class.
      @Field(() => Number) size = 5;
    }
    const run = (kind: typeof Strict | typeof Loose, text: string) => {
      const broker = new JsonFileMessageBroker([[kind, put('s.csv', text)]]);
      return new WaterMill({ process: processFunction(kind as typeof Strict, {}, () => {}), broker }).run();
    };
    await expect(run(Strict, 'a,b\n1,2\n')).rejects.toThrow(
      'expected no other columns than a, found "b". Strict is strict',
    );
    await expect(run(Strict, 'a\n1\n')).resolves.toBeDefined();
    await expect(run(Loose, 'b,c\n1,2\n')).rejects.toThrow('expected at least one of a, size, found "b", "c".');
    await expect(run(Loose, 'a,c\n1,2\n')).resolves.toBeDefined();
  });

  test('passes the texts of a row, or its bytes, to a deserializer', async () => {
    const given: unknown[] = [];
    const texts = await read('r.csv', 'T,S\n1,a\n', {
      deserializer: (row) => {
        given.push(row);
        return { time: Number(row.T), sensor: row.S, note: null };
      },
    });
    expect(given).toEqual([{ T: '1', S: 'a' }]);
    expect(texts.seen).toEqual([{ time: 1, sensor: 'a', note: null }]);
    const bytes = await read('r.csv', 'T,S\r\n1,"a"\r\n', {
      raw: true,
      deserializer: (row: Uint8Array) => ({ time: 0, sensor: Buffer.from(row).toString(), note: null }),
    });
    expect(bytes.seen).toMatchObject([{ sensor: '1,"a"' }]);
  });

  test('reports the line of a row whose bytes a deserializer refuses', async () => {
    const deserializer = (row: Uint8Array) => {
      const text = Buffer.from(row).toString();
      if (text.startsWith('3')) throw new Error('three');
      return { time: 0, sensor: text, note: null };
    };
    const { error } = await read('r.csv', 'T,S\r\n1,"a\nb"\r\n\r\n\n2,"c\n\nd"\n3,x\n4,y\n', {
      raw: true,
      deserializer,
    });
    expect(error).toMatchObject({ code: 'WM_BAD_MESSAGE', details: { position: 2, line: 9 } });
  });

  test('refuses invalid formats and options', () => {
    const refused = (options: object, path = 'r.csv') => {
      try {
        new JsonFileMessageBroker([[Reading, path, options as never]]);
      } catch (error) {
        return `${(error as WaterMillError).code} ${(error as Error).message}`;
      }
      return undefined;
    };
    expect(refused({ format: 'csv' })).toMatch(
      'WM_BROKER_OPTIONS The entry of Reading of JsonFileMessageBroker is wrong: expected format: csv() or lines()',
    );
    expect(refused({ formats: csv() })).toBe(
      'WM_BROKER_OPTIONS The entry of Reading of JsonFileMessageBroker has no option "formats". Did you mean format?',
    );
    for (const bad of [
      { delimiter: '' },
      { delimiter: ',,' },
      { delimiter: '"' },
      { delimiter: '§' },
      { header: [] },
      { header: ['a', 'a'] },
      { heading: true },
    ]) {
      expect(() => csv(bad as never)).toThrow(expect.objectContaining({ code: 'WM_BROKER_OPTIONS' }));
    }
    expect(
      () =>
        new JsonFileMessageBroker([
          [Reading, 'a.csv'],
          [Everything, 'a.csv', { format: csv({ header: false }) }],
        ]),
    ).toThrow('the format that the other entry of the file has');
  });

  test('must be the same for two nodes on the standard input', async () => {
    const Twin = alias(Reading, 'Twin');
    const edge = joinWith(Twin, { left: field(Reading, 'time'), right: field(Twin, 'time') });
    const broker = new JsonFileMessageBroker([
      [Reading, '-'],
      [Twin, '-', { format: csv() }],
    ]);
    const mill = new WaterMill({ process: processFunction(joinStreams(Reading, edge), {}, () => {}), broker });
    await expect(mill.run()).rejects.toMatchObject({
      code: 'WM_BROKER_OPTIONS',
      message: expect.stringContaining('The entry of Twin of JsonFileMessageBroker is wrong: expected the format'),
    });
  });

  test('may have any number of columns: they are not compared pairwise', async () => {
    const names = ['time', 'sensor_id', 'note', ...Array.from({ length: 20_000 }, (_, i) => `x${i}`)];
    const compared = jest.spyOn(Array.prototype, 'indexOf');
    const { seen, error } = await read('r.csv', `${names}\n1,a,n${','.repeat(20_000)}\n`);
    const longest = compared.mock.contexts.filter((list) => (list as unknown[]).length === names.length);
    compared.mockRestore();
    expect(error).toBeUndefined();
    expect(seen).toEqual([{ time: 1, sensor: 'a', note: 'n' }]);
    expect(longest.length).toBeLessThan(1_000);
  });

  test('reports that papaparse is needed', async () => {
    await jest.isolateModulesAsync(async () => {
      jest.doMock('papaparse', () => {
        throw new Error("Cannot find module 'papaparse'");
      });
      const watermill = require('watermill') as typeof import('watermill');
      const broker = new watermill.JsonFileMessageBroker([[Reading, put('r.csv', table)]]);
      const mill = new watermill.WaterMill({ process: watermill.processFunction(Reading, {}, () => {}), broker });
      await expect(mill.run()).rejects.toMatchObject({
        code: 'WM_PAPAPARSE_MISSING',
        message: 'CSV needs the package papaparse, which cannot be loaded. Run npm install papaparse.',
      });
      jest.dontMock('papaparse');
    });
  });
});

@Message()
class Sum {
  @Field() time!: number;
  @Field({ name: 'the, text' }) text!: string;
  @Field(() => Number, { nullable: true }) sum!: number | null;
}

/** Reads a table and writes a table; fails at an element, if one is given. */
async function copy(input: string, output: string, options: JsonFileOptions = {}, failAt = -1) {
  const broker = new JsonFileMessageBroker(
    [
      [Reading, input],
      [Sum, output],
    ],
    options,
  );
  let calls = 0;
  const process = processFunction(Reading, { emits: [Sum] }, ({ time, sensor, value }) => {
    if (calls++ === failAt) throw new Error('killed');
    return message(Sum, { time, text: sensor, sum: value ?? null });
  });
  await new WaterMill({ process, broker, commitEvery: { elements: 1 } }).run();
  return calls;
}

describe('results in CSV', () => {
  test.each([
    ['s.csv', ',', '"the, text"'],
    ['s.tsv', '\t', 'the, text'],
  ])('are written to %s, quoted where necessary', async (name, delimiter, text) => {
    const input = put('r.csv', `${table}3," x""y\r\n",3,\n4,,0,\n`);
    await copy(input, directory.file(name));
    const quoted = delimiter === ',' ? '"b, c"' : 'b, c';
    const rows = [
      ['time', text, 'sum'],
      ['1', 'a', '1.5'],
      ['2', quoted, ''],
      ['3', '" x""y\r\n"', '3'],
      ['4', '', '0'],
    ];
    expect(textOf(name)).toBe(rows.map((row) => `${row.join(delimiter)}\n`).join(''));
  });

  test('are only a header if there are none, and compressed by name', async () => {
    await copy(put('r.csv', 'time,sensor_id,note\n'), directory.file('s.csv.gz'));
    expect(gunzipSync(readFileSync(directory.file('s.csv.gz'))).toString()).toBe('time,"the, text",sum\n');
  });

  test.each(['.csv', '.csv.gz'])('are byte for byte those of one run, wherever runs are killed: %s', async (ending) => {
    const rows = Array.from({ length: 9 }, (_, i) => `${i},"s\n${i}",${i},\n`).join('');
    const content = `time,sensor_id,value,note\n${rows}`;
    const input = put(`r${ending}`, ending.endsWith('gz') ? gzipSync(content) : content);
    await copy(input, directory.file('whole.csv'));
    for (let failAt = 0; failAt < 9; failAt++) {
      const output = directory.file(`out-${failAt}.csv`);
      await expect(copy(input, output, { group: 'g' }, failAt)).rejects.toThrow('killed');
      await expect(copy(input, output, { group: 'g' }, 0)).rejects.toThrow('killed');
      expect(await copy(input, output, { group: 'g' })).toBe(9 - failAt);
      expect(textOf(`out-${failAt}.csv`)).toBe(textOf('whole.csv'));
    }
  });

  test('are continued if rows were appended', async () => {
    const input = put('r.csv', table);
    const output = directory.file('s.csv');
    await copy(input, output, { group: 'g' });
    writeFileSync(input, `${table}3,c,3,\n`);
    expect(await copy(input, output, { group: 'g', onEnded: 'continue' })).toBe(1);
    expect(textOf('s.csv')).toBe('time,"the, text",sum\n1,a,1.5\n2,"b, c",\n3,c,3\n');
  });

  test('are refused if they would not be read back', async () => {
    const input = put('r.csv', table);
    @Message()
    class Maybe {
      @Field(() => String, { optional: true }) text?: string;
    }
    const broker = new JsonFileMessageBroker([
      [Reading, input],
      [Maybe, directory.file('m.csv')],
    ]);
    const process = processFunction(Reading, { emits: [Maybe] }, () => message(Maybe, { text: '' }));
    await expect(new WaterMill({ process, broker }).run()).rejects.toMatchObject({
      code: 'WM_BAD_RESULT',
      message: expect.stringContaining(
        'field text must be a string that a text can hold, but is the empty string. It would be read back as missing.',
      ),
    });
  });

  test('have a column for every field', async () => {
    const write = (header: readonly string[] | boolean, serializer?: (sum: Sum) => unknown) => {
      const broker = new JsonFileMessageBroker([
        [Reading, put('r.csv', table)],
        [Sum, directory.file('s.csv'), { format: csv({ header }), ...(serializer && { serializer }) }],
      ]);
      const process = processFunction(Reading, { emits: [Sum] }, ({ time }) =>
        message(Sum, { time, text: 'x', sum: 1 }),
      );
      return new WaterMill({ process, broker }).run().then(() => textOf('s.csv'));
    };
    await expect(write(['time', 'sum'])).rejects.toMatchObject({
      code: 'WM_BROKER_OPTIONS',
      message: expect.stringContaining('Add the, text.'),
    });
    expect(await write(['sum', 'time', 'the, text', 'more'])).toBe('1,1,x,\n1,2,x,\n');
    expect(await write(false)).toBe('1,x,1\n2,x,1\n');
    expect(await write(['t'], ({ time }) => ({ t: time * 2 }))).toBe('2\n4\n');
  });

  test('of one empty value are not blank lines', async () => {
    @Message()
    class One {
      @Field() text!: string;
    }
    const path = directory.file('one.csv');
    const broker = new JsonFileMessageBroker([
      [Reading, put('r.csv', table)],
      [One, path],
    ]);
    const process = processFunction(Reading, { emits: [One] }, () => message(One, { text: '' }));
    await new WaterMill({ process, broker }).run();
    expect(textOf('one.csv')).toBe('text\n""\n""\n');
    const seen: One[] = [];
    const again = new JsonFileMessageBroker([[One, path]]);
    await new WaterMill({ process: processFunction(One, {}, (one) => void seen.push(one)), broker: again }).run();
    expect(seen).toHaveLength(2);
  });
});

describe('a directory of CSV files', () => {
  test.each([
    ['by the pattern', { pattern: '*.csv' }],
    ['by the format', { format: csv() }],
  ])('is read %s; each file has its own header', async (_, options) => {
    put('1.csv', table);
    put('2.csv', 'note,time,sensor_id\nq,3,d\n');
    const seen: object[] = [];
    const broker = new DirectoryMessageBroker({
      sources: [[Reading, directory.path, { ...options, order: 'name', settleMs: 0, end: 'when empty' }]],
    });
    await new WaterMill({ process: processFunction(Reading, {}, (each) => void seen.push({ ...each })), broker }).run();
    expect(seen).toEqual([...readings, { time: 3, sensor: 'd', note: 'q' }]);
  });
});
