import { writeFileSync } from 'node:fs';
import {
  alias,
  type Broker,
  Field,
  field,
  JsonFileMessageBroker,
  joinStreams,
  joinWith,
  MemoryMessageBroker,
  Message,
  type MessageClass,
  processFunction,
  tumblingWindow,
  WaterMill,
  type WaterMillError,
} from 'watermill';
import type { Batch } from '../../../lib/brokers/batch.js';
import type { BatchParser } from '../../../lib/brokers/parsing/batch-parser.js';
import { NumberReader } from '../../../lib/brokers/parsing/number-reader.js';
import { shareOfCases } from '../../support/cases.js';
import { Random } from '../../support/random.js';
import { type TemporaryDirectory, temporaryDirectory } from '../../support/temporary-directory.js';
import { arrayParser, cutAt, lineParser, parsePieces } from './parse-pieces.js';

/** Texts of numbers, and similar texts that are none. */
const numbers = [
  ...['0', '-0', '-0.0', '7', '-7', '10', '0.5', '-12.04', '100.000', '0.1', '123456789012.345', '0.000000000000001'],
  ...[
    '999999999999999',
    '1000000000000000',
    '9007199254740993',
    '123456789012345678901234567890',
    '0.30000000000000004',
  ],
  ...['5e-324', '2.2250738585072011e-308', '1.7976931348623157E308', '1e21', '1E+2', '1e-7', '-1e0', '1e400', '-1e400'],
  ...[
    '01',
    '-',
    '--1',
    '+1',
    '.5',
    '1.',
    '-.5',
    '1.e2',
    '1e',
    '1e+',
    '0x1',
    '1_0',
    '1 2',
    'NaN',
    '-Infinity',
    '00',
    '',
  ],
  ...['"1"', 'null', 'true', '[]', '{}', '[1]'],
];

/** Elements with another layout than their neighbours, or invalid JSON. */
const others = [
  ...['{"n": 1,"m":2}', '{"n":1 ,"m":2}', '{ "n":1,"m":2}', '{"n":1,"m":2 }', '{"n":1,\n"m":2}', '{"n"\t:1,"m":2}'],
  ...[
    '{"m":1,"n":2}',
    '{"n":1}',
    '{"n":1,"m":2,"k":3}',
    '{"n":1,"n":2}',
    '{"n":1,"__proto__":2}',
    '{"n":1,"toString":2}',
  ],
  ...['{"\\u006e":1,"m":2}', '{"é":1,"m":2}', '{"n":1"m":2}', '{"n":1,,"m":2}', '{"n":1,"m":2,}', '{n:1,"m":2}', '{}'],
  ...[
    '{"n":1,"m":2}}',
    '{"n":1,"m":2',
    '{"n":1,"m":2},',
    '{"n":1,"m":2} {"n":1,"m":2}',
    ' ',
    '\r',
    '\v',
    '"},{"',
    '[]',
    '1',
  ],
];

/** Longer than the scanned part. */
const long = [
  `{"n":1,"m":${' '.repeat(300)}2}`,
  `{"n":1,"m":2${' '.repeat(70_000)}}`,
  `{"n":1,"${'m'.repeat(70_000)}":2}`,
  `{${Array.from({ length: 5_000 }, (_, i) => `"n${i}":${i}`).join()}}`,
];

const good = (i: number) => `{"n":${i},"m":${i / 4}}`;
const elements = [...numbers.map((text) => `{"n":${text},"m":2}`), ...numbers.map((text) => `{"n":1,"m":${text}}`)];
const poison = [...elements, ...others];

type MakeParser = (numbers: boolean) => BatchParser;
const arrays: MakeParser = (numbers) => arrayParser(0, { numbers });
const lines: MakeParser = (numbers) => lineParser({}, { numbers });

/** Returns everything that is read from a text; batches may be cut elsewhere. */
function seen(parser: BatchParser, pieces: readonly Uint8Array[]) {
  const { batches, fault } = parsePieces(parser, pieces);
  const values = batches.flatMap(({ values }) => [...values]);
  const origins = batches.flatMap((batch: Batch) => batch.values.map((_, i) => ({ ...batch.origin?.(i) })));
  const text = origins.map(({ raw, ...place }) => ({
    ...place,
    raw: Buffer.from(raw as Uint8Array).toString('latin1'),
  }));
  const marks = batches.map(({ first, mark, end }) => ({ first, mark, end }));
  return { values, text, marks, fault: fault && { ...fault } };
}

/** Compares both parsers, with pieces long enough that the text is cut after an element if there is one. */
function compare(make: MakeParser, bytes: Uint8Array, cuts: readonly number[] = []): void {
  const pieces = cutAt(bytes, ...cuts);
  expect(seen(make(true), pieces)).toEqual(seen(make(false), pieces));
}

const rowsOf = (make: MakeParser, text: string) =>
  parsePieces(make(true), [Buffer.from(text)]).batches.flatMap(({ numberRows }) => numberRows?.count ?? []);

describe('elements of numbers as rows', () => {
  test.each([
    ['an array', arrays, `[${[0, 1, 2, 3].map(good).join()}]`, [3]],
    ['an array with white space', arrays, `[\n${[0, 1, 2, 3].map(good).join(' ,\n  ')}\n]`.replaceAll(':', ': '), []],
    ['lines', lines, `${[0, 1, 2, 3].map(good).join('\n')}\n`, [4]],
    ['lines with carriage returns', lines, `${[0, 1, 2, 3].map(good).join('\r\n')}\r\n`, [4]],
    ['white space within', lines, `${[0, 1].map((i) => `{ "n" : ${i} , "m":\t-0.5e3 }`).join('\n')}\n`, [2]],
  ])('%s', (_, make, text, expected) => {
    expect(rowsOf(make, text)).toEqual(expected);
    compare(make, Buffer.from(text));
  });

  test.each(['first', 'middle', 'last'])('what is something else comes as ever, %s in its text', (where) => {
    for (const text of poison) {
      const around = [0, 1, 2, 3, 4, 5].map(good);
      around.splice({ first: 0, middle: 3, last: 6 }[where] as number, 0, text);
      const array = Buffer.from(`[${around.join()}]`);
      compare(arrays, array);
      compare(arrays, array, [array.length >> 1]);
      compare(lines, Buffer.from(around.join('\n')));
      compare(lines, Buffer.from(`${around.join('\r\n')}\n\n`), [array.length >> 2]);
    }
  });

  test.each(poison)('texts of only %j are parsed as usual', (text) => {
    compare(arrays, Buffer.from(`[${[text, text, text].join()}]`));
    compare(lines, Buffer.from([text, text, text].join('\n')));
  });

  test('nothing after the end is read', () => {
    const bytes = Buffer.from('{"n":1,"m":2}\n{"n":1,"m":2}');
    expect(new NumberReader('line').read(bytes, 0, bytes.length)?.count).toBe(2);
    for (let to = 15; to < bytes.length; to++) {
      expect(new NumberReader('line').read(bytes, 0, to)).toBeUndefined();
    }
  });

  test('long text is parsed as usual', () => {
    for (const text of long) {
      compare(arrays, Buffer.from(`[${[text, text, good(1), good(2), good(3)].join()}]`));
      compare(lines, Buffer.from([text, text, good(1), good(2), good(3)].join('\n')));
    }
  });

  test('invalid UTF-8 is parsed as usual', () => {
    for (let at = 0; at < 40; at++) {
      for (const [make, separator] of [
        [arrays, ','],
        [lines, '\n'],
      ] as const) {
        const bytes = Buffer.from(`[${[0, 1, 2, 3].map(good).join(separator)}]`);
        bytes[at] = 0xff;
        compare(make, make === arrays ? bytes : bytes.subarray(1, -1));
      }
    }
  });

  test('random numbers in random texts are equal', () => {
    for (let seed = 1; seed <= shareOfCases(150, 4); seed++) {
      const random = new Random(seed);
      const space = random.pick(['', ' ', '\t']);
      const element = () => `{${space}"n":${space}${randomNumber(random)},"m":${randomNumber(random)}${space}}`;
      const list = Array.from({ length: 1 + random.int(20) }, () =>
        random.chance(0.02) ? random.pick(poison) : element(),
      );
      const array = Buffer.from(`[${list.join(`,${space}`)}]`);
      const cuts = [random.int(array.length), random.int(array.length)].sort((a, b) => a - b);
      compare(arrays, array, cuts);
      compare(lines, Buffer.from(list.join('\n')), cuts);
    }
  });
});

function randomNumber(random: Random): string {
  const value = (random.float() - 0.5) * 10 ** random.int(18);
  const kind = random.int(4);
  if (kind === 0) return String(Math.round(value));
  if (kind === 1) return value.toFixed(random.int(8));
  return kind === 2 ? value.toExponential(random.int(20)) : String(value);
}

@Message()
class Plain {
  @Field() n!: number;
  @Field() m!: number;
}

@Message()
class Renamed {
  @Field({ name: 'm' }) n!: number;
  @Field({ name: 'n' }) other!: number;
}

@Message()
class Optional {
  @Field() n!: number;
  @Field({ optional: true }) k?: number;
}

@Message()
class WithDefault {
  @Field() n!: number;
  @Field() k: number = 5;
}

@Message({ strict: true })
class Strict {
  @Field() n!: number;
}

@Message()
class Undeclared {
  @Field() n!: number;
  m = 1;
}

@Message()
class Accessor {
  private kept = 0;
  @Field(() => Number) get n(): number {
    return this.kept;
  }
  set n(value: number) {
    if (value === 3) throw new Error('not 3');
    this.kept = value;
  }
}

@Message()
class Changing {
  private kept = 0;
  @Field(() => Number) get n(): number {
    return this.kept;
  }
  set n(value: number) {
    this.kept = value + 1;
  }
}

let made = 0;
@Message()
class Throwing {
  @Field() n!: number;
  constructor() {
    if (++made % 4 === 0) throw new Error('every fourth');
  }
}

const classes = [Plain, Renamed, Optional, WithDefault, Strict, Undeclared, Accessor, Changing, Throwing];

describe('classes that read rows of numbers', () => {
  let directory: TemporaryDirectory;
  beforeEach(() => {
    directory = temporaryDirectory();
  });
  afterEach(() => directory.remove());

  async function elementsOf(message: MessageClass<any>, broker: Broker): Promise<unknown> {
    const found: object[] = [];
    made = 0;
    const process = processFunction(message, { emits: [] }, (element: object) => {
      expect(element).toBeInstanceOf(message);
      found.push({ ...element });
    });
    try {
      await new WaterMill({ process, broker }).run();
    } catch (error) {
      const { code, details } = error as WaterMillError;
      return { found, code, field: details.field, position: details.position };
    }
    return found;
  }

  test.each(classes)('%p makes equal elements from rows and objects', async (message) => {
    const values = Array.from({ length: 10 }, (_, i) => ({ n: i, m: i / 4 }));
    const text = values.map((value) => JSON.stringify(value));
    const expected = await elementsOf(message, new MemoryMessageBroker([[message, values]]) as never);
    for (const [name, content] of [
      ['values.json', `[${text.join()}]`],
      ['values.ndjson', text.join('\n')],
    ] as const) {
      writeFileSync(directory.file(name), content);
      const broker = new JsonFileMessageBroker([[message, directory.file(name)]]);
      expect(await elementsOf(message, broker as never)).toEqual(expected);
    }
  });

  test('a number that a double cannot represent is a bad message', async () => {
    const file = directory.file('values.json');
    writeFileSync(file, '[{"n":1e400,"m":1},{"n":1e400,"m":1},{"n":1e400,"m":1}]');
    const found = await elementsOf(Plain, new JsonFileMessageBroker([[Plain, file]]) as never);
    expect(found).toEqual({ found: [], code: 'WM_BAD_MESSAGE', field: 'n', position: 0 });
  });

  test('the last value of a repeated member counts', async () => {
    const file = directory.file('values.json');
    writeFileSync(file, '[{"n":1,"m":2,"n":3},{"n":4,"m":5,"n":6},{"n":7,"m":8,"n":9}]');
    const found = await elementsOf(Plain, new JsonFileMessageBroker([[Plain, file]]) as never);
    expect(found).toEqual([
      { n: 3, m: 2 },
      { n: 6, m: 5 },
      { n: 9, m: 8 },
    ]);
  });

  test('each element has its position, however many are read at once', async () => {
    const file = directory.file('values.ndjson');
    const place = async (wrong: number) => {
      const values = Array.from({ length: 3_000 }, (_, i) => ({ n: i === wrong ? -1 : i, m: 0 }));
      writeFileSync(file, values.map((value) => JSON.stringify(value)).join('\n'));
      const source = tumblingWindow(Plain, field(Plain, 'n'), { size: 10 });
      const process = processFunction(source, { emits: [] }, () => {});
      const run = new WaterMill({ process, broker: new JsonFileMessageBroker([[Plain, file]]) }).run();
      return run.then(
        () => undefined,
        ({ details }: WaterMillError) => [details.position, details.line],
      );
    };
    expect(await place(500)).toEqual([500, 501]);
    expect(await place(2_500)).toEqual([2_500, 2_501]);
  });

  test.each([
    ['a name', `{"${'k'.repeat(200_000)}":1,"n":2}`],
    ['white space before a number', `{"n":${' '.repeat(200_000)}2}`],
    ['white space behind a number', `{"n":2${'\t'.repeat(200_000)}}`],
    ['a number', `{"m":0.${'1'.repeat(200_000)},"n":2}`],
    ['a list of members', `{${Array.from({ length: 40_000 }, (_, i) => `"k${i}":0`)},"n":2}`],
  ])('%s may be long', async (_, text) => {
    for (const [name, content] of [
      ['values.json', `[${text},{"n":3}]`],
      ['values.ndjson', `${text}\n{"n":3}\n`],
    ] as const) {
      writeFileSync(directory.file(name), content);
      const broker = new JsonFileMessageBroker([[Optional, directory.file(name)]]);
      expect(await elementsOf(Optional, broker as never)).toEqual([{ n: 2 }, { n: 3 }]);
    }
  });

  test('nodes on one file have separate elements', async () => {
    class Next extends alias(Plain, 'Next') {}
    const file = directory.file('values.json');
    writeFileSync(file, `[${[0, 1, 2, 3].map(good).join()}]`);
    const left = field(Plain, 'n').plus(1);
    const tree = joinStreams(Plain, joinWith(Next, { left, right: field(Next, 'n') }));
    const pairs: unknown[] = [];
    const process = processFunction(tree, { emits: [] }, (plain, next) => {
      const there = next.first(plain)!;
      pairs.push([plain.n, plain.m, there.n, there.m]);
      plain.m = there.m = -1;
    });
    await new WaterMill({
      process,
      broker: new JsonFileMessageBroker([
        [Plain, file],
        [Next, file],
      ]),
    }).run();
    expect(pairs).toEqual([0, 1, 2].map((i) => [i, i / 4, i + 1, (i + 1) / 4]));
  });
});
