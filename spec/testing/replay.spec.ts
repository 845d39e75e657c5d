import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { BadMessage, type Broker, Field, Message, message, processFunction, WaterMill } from 'watermill';
import { explore, replay } from 'watermill/testing';
import { Alarm, Order, Price, Sale, sell } from '../mill/support/model.js';
import { rejection } from '../mill/support/rejection.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

const directory = temporaryDirectory();
let fixtures = 0;

afterAll(() => directory.remove());
afterEach(() => {
  delete process.env.WATERMILL_UPDATE;
});

/** Creates a fixture of these files: paths in its folder, and the elements, or lines, in each. */
function fixture(files: Readonly<Record<string, readonly (object | string)[]>>): string {
  const folder = directory.file(`fixture ${fixtures++}`);
  mkdirSync(folder);
  for (const [name, elements] of Object.entries(files)) {
    const file = path.join(folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    const lines = elements.map((element) => (typeof element === 'string' ? element : JSON.stringify(element)));
    writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
  }
  return folder;
}

function emptyFolder(): string {
  const folder = fixture({});
  mkdirSync(path.join(folder, 'inputs', 'Order'), { recursive: true });
  return folder;
}

const orders = [
  { time: 1, id: 'a' },
  { time: 2, id: 'b' },
];
const prices = [
  { time: 1, amount: 10 },
  { time: 2, amount: 20 },
];
const inputs = { 'inputs/Order.ndjson': orders, 'inputs/Price.ndjson': prices };
const sales = [
  { id: 'a', amount: 10 },
  { id: 'b', amount: 20 },
];
const seller = (broker: Broker) => new WaterMill({ process: sell, broker });
const read = (folder: string, name: string): string => readFileSync(path.join(folder, name), 'utf8');

describe('replay', () => {
  it('finds no difference if the results are the expected ones, in any order of fields', async () => {
    const folder = fixture({ ...inputs, 'expected/Sale.ndjson': [{ amount: 10, id: 'a' }, '', sales[1]!] });
    expect(await replay(folder, seller)).toEqual([]);
    expect(await replay(folder, async (broker) => seller(broker))).toEqual([]);
  });

  it('names class and index of each difference, with the expected and the found value', async () => {
    const expected = [sales[0]!, { id: 'b', amount: 21 }, { id: 'c', amount: 30 }];
    const folder = fixture({ ...inputs, 'expected/Sale.ndjson': expected, 'expected/Alarm.ndjson': [{ text: 'x' }] });
    expect(await replay(folder, seller)).toEqual([
      { stream: 'Alarm', at: 0, expected: { text: 'x' }, found: undefined },
      { stream: 'Sale', at: 1, expected: { id: 'b', amount: 21 }, found: { id: 'b', amount: 20 } },
      { stream: 'Sale', at: 2, expected: { id: 'c', amount: 30 }, found: undefined },
    ]);
    const none = fixture({ ...inputs, 'expected/Sale.ndjson': [] });
    expect((await replay(none, seller)).map(({ at, found }) => [at, found])).toEqual([
      [0, sales[0]],
      [1, sales[1]],
    ]);
  });

  it('writes the expected results if WATERMILL_UPDATE is 1, and then finds no difference', async () => {
    const folder = fixture({ ...inputs, 'expected/Former.ndjson': [{}], 'expected/notes.txt': ['kept'] });
    process.env.WATERMILL_UPDATE = '1';
    expect(await replay(folder, seller)).toEqual([]);
    expect(readdirSync(path.join(folder, 'expected')).sort()).toEqual(['Sale.ndjson', 'notes.txt']);
    expect(read(folder, 'expected/Sale.ndjson')).toBe('{"id":"a","amount":10}\n{"id":"b","amount":20}\n');
    process.env.WATERMILL_UPDATE = '0';
    expect(await replay(folder, seller)).toEqual([]);
  });

  it('runs one lane per file of a stream; results are in the order of lanes', async () => {
    const folder = fixture({
      'inputs/Order/0.ndjson': [orders[1]!],
      'inputs/Order/10.ndjson': [orders[0]!],
      'inputs/Order/2.ndjson': orders,
      'inputs/Price/0.ndjson': prices,
      'inputs/Price/10.ndjson': prices,
      'expected/Sale.ndjson': [sales[1]!, sales[0]!],
    });
    expect(await replay(folder, seller)).toEqual([]);
  });

  it('reads a stream without lanes whole in every lane, as in a run over several brokers', async () => {
    const folder = fixture({
      'inputs/Order/0.ndjson': [orders[0]!],
      'inputs/Order/1.ndjson': orders,
      'inputs/Price.ndjson': prices,
      'expected/Sale.ndjson': [sales[0]!, ...sales],
    });
    expect(await replay(folder, seller)).toEqual([]);
    const copy = processFunction(Price, { emits: [Sale] }, ({ time, amount }) =>
      message(Sale, { id: `${time}`, amount }),
    );
    // Without the other input there are no lanes.
    const found = await replay(folder, (broker) => new WaterMill({ process: copy, broker }));
    expect(found.flatMap(({ found }) => found ?? [])).toHaveLength(prices.length);
  });

  it('reads lines like file brokers: bad ones are bad messages, with their bytes', async () => {
    const copy = processFunction(Order, { emits: [Alarm] }, ({ id }) => message(Alarm, { text: id }));
    const folder = fixture({
      'inputs/Order.ndjson': [orders[0]!, '{"time":', { time: 'x', id: 'b' }, orders[1]!],
      'expected/Alarm.ndjson': [{ text: 'a' }, { text: 'b' }],
    });
    const skips = (broker: Broker) =>
      new WaterMill({ process: copy, broker, inputs: [[Order, { onBadMessage: { deadLetter: BadMessage } }]] });
    const found = await replay(folder, skips);
    expect(found.map(({ stream, at, found }) => [stream, at, found?.raw])).toEqual([
      ['BadMessage', 0, '{"time":'],
      ['BadMessage', 1, '{"time":"x","id":"b"}'],
    ]);
    const error = await rejection(replay(folder, (broker) => new WaterMill({ process: copy, broker })));
    expect(error.code).toBe('WM_BAD_MESSAGE');
    expect(error.message).toContain(path.join(folder, 'inputs', 'Order.ndjson'));
  });

  it('reads a line as an element, and so does explore: an array is a bad message, also if the file could be one', async () => {
    const copy = processFunction(Order, { emits: [Alarm] }, ({ id }) => message(Alarm, { text: id }));
    const skips = (broker: Broker) =>
      new WaterMill({ process: copy, broker, inputs: [[Order, { onBadMessage: { deadLetter: BadMessage } }]] });
    for (const first of ['[{"time":1,"id":"a"}]', '[', '[{"time":1,"id":"a"},']) {
      const folder = fixture({ 'inputs/Order.ndjson': [first], 'expected/BadMessage.ndjson': [] });
      expect(await replay(folder, skips)).toMatchObject([{ stream: 'BadMessage', found: { raw: first } }]);
      await explore(skips, { inputs: folder, runs: 2 });
    }
  });

  it('uses the names of the plan, even if no file can have such a name', async () => {
    @Message({ name: 'orders/*:a%' })
    class Named {
      @Field() id!: string;
    }
    const copy = (broker: Broker) =>
      new WaterMill({
        process: processFunction(Named, { emits: [Alarm] }, ({ id }) => message(Alarm, { text: id })),
        broker,
      });
    const missing = await rejection(replay(fixture({ ...inputs, 'expected/Alarm.ndjson': [] }), copy));
    const file = 'orders%2F%2A%3Aa%25.ndjson';
    expect(missing.message).toContain(path.join('inputs', file));
    const folder = fixture({ [`inputs/${file}`]: [{ id: 'a' }], 'expected/Alarm.ndjson': [{ text: 'a' }] });
    expect(await replay(folder, copy)).toEqual([]);
  });

  it('reads files with the line ends of other systems, and so does explore', async () => {
    const folder = fixture({ ...inputs, 'expected/Sale.ndjson': sales });
    const files = ['inputs/Order.ndjson', 'inputs/Price.ndjson', 'expected/Sale.ndjson'];
    for (const file of files.map((name) => path.join(folder, name)))
      writeFileSync(file, `\ufeff${readFileSync(file, 'utf8').replaceAll('\n', '\r\n')}\r\n`);
    expect(await replay(folder, seller)).toEqual([]);
    await explore(seller, { inputs: folder, runs: 1 });
    for (const file of files) {
      const broken = fixture({ ...inputs, 'expected/Sale.ndjson': sales });
      const text = readFileSync(path.join(broken, file), 'utf8');
      writeFileSync(path.join(broken, file), Buffer.from(`\ufeff${text}`, 'utf16le'));
      await expect(
        file.startsWith('expected') ? replay(broken, seller) : explore(seller, { inputs: broken }),
      ).rejects.toThrow(`${path.join(broken, file)} is UTF-16. Convert it: iconv -f UTF-16 -t UTF-8 FILE.`);
    }
  });

  it('rejects with the error of the mill, and then updates nothing', async () => {
    const folder = fixture({ 'inputs/Order.ndjson': [{ time: 1 }], 'inputs/Price.ndjson': prices });
    process.env.WATERMILL_UPDATE = '1';
    expect((await rejection(replay(folder, seller))).code).toBe('WM_BAD_MESSAGE');
    expect(existsSync(path.join(folder, 'expected'))).toBe(false);
  });
});

describe('a missing or invalid fixture', () => {
  it.each([
    ['no folder', () => directory.file('nowhere'), 'There is no fixture '],
    ['no inputs', () => fixture({ 'expected/Sale.ndjson': [] }), 'has no folder inputs: expected '],
    [
      'no file of an input',
      () => fixture({ 'inputs/Order.ndjson': [], 'expected/Sale.ndjson': [] }),
      'has no input for Price: expected ',
    ],
    ['nothing expected', () => fixture(inputs), 'has no folder expected. Run with WATERMILL_UPDATE=1 to write it'],
    [
      'a bad line of what is expected',
      () => fixture({ ...inputs, 'expected/Sale.ndjson': ['{}', '{'] }),
      'Sale.ndjson, line 2: expected a JSON object, found "{"',
    ],
    ['a lane that is no number', () => fixture({ 'inputs/Order/first.ndjson': [] }), 'first.ndjson is not a lane'],
    ['a folder without lanes', emptyFolder, 'Order holds no lanes: expected files such as 0.ndjson'],
    [
      'an input with lanes and without',
      () => fixture({ 'inputs/Order/0.ndjson': [], 'inputs/Order.ndjson': [] }),
      'Order.ndjson is the same input without lanes: delete one of them.',
    ],
    ['a file as fixture', () => path.join(fixture({ file: [] }), 'file'), 'file/inputs is not a folder.'],
    ['a file instead of inputs', () => fixture({ inputs: [] }), 'inputs is not a folder.'],
    ['a file instead of what is expected', () => fixture({ ...inputs, expected: [] }), 'expected is not a folder.'],
    [
      'a folder instead of a file',
      () => fixture({ ...inputs, 'expected/Sale.ndjson/0.ndjson': [] }),
      'Sale.ndjson is a folder, expected a file.',
    ],
    ['no name of a folder', () => '', 'A fixture is a folder: pass its path'],
  ])('is reported: %s', async (_, folder, words) => {
    const error = await rejection(replay(folder(), seller));
    expect(error.code).toBe('WM_FIXTURE');
    expect(error.message).toContain(words);
    expect(error.message.length).toBeLessThan(400);
  });

  it('is distinguished from an argument that is not a function returning a mill', async () => {
    const folder = fixture({ ...inputs, 'expected/Sale.ndjson': sales });
    for (const wrong of [undefined, {}, () => undefined, () => ({ run() {} })]) {
      expect((await rejection(replay(folder, wrong as never))).code).toBe('WM_TEST_KIT');
    }
    const withOptions = replay as (...args: readonly unknown[]) => Promise<unknown>;
    await expect(withOptions(folder, seller, { update: true })).rejects.toThrow(
      'replay(): expected no options (WATERMILL_UPDATE=1 in the environment updates), found { update: true }.',
    );
    const other = (): WaterMill => {
      throw new TypeError('a mistake of the test');
    };
    await expect(replay(folder, other)).rejects.toThrow('a mistake of the test');
  });
});
