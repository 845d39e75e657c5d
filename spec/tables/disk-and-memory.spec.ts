import { writeFileSync } from 'node:fs';
import {
  CustomMessageBroker,
  Field,
  field,
  JsonFileMessageBroker,
  MemoryMessageBroker,
  Message,
  message,
  processFunction,
  type Table,
  table,
  tuple,
  WaterMill,
} from 'watermill';
import { cases, firstSeed, repeatBy } from '../support/cases.js';
import { Random } from '../support/random.js';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary-directory.js';

@Message()
class Item {
  @Field() at!: number;
}

@Message()
class Kept {
  @Field() text!: string;
  @Field() number!: number;
  @Field(() => BigInt) big!: bigint;
  @Field() day!: Date;
  @Field() is!: boolean;
  @Field() note!: string;
}

let directory: TemporaryDirectory;
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(() => directory.remove());

const units = ['', 'a', 'b', '\0', '~', '\u007f', '\u0080', 'é', '߿', '€', '\ud83d\ude00', '\ud83d', '\uffff'];
const numbers = [0, -0, 1, -1, 0.5, -0.5, 1e-300, -1e300, 2 ** 53, -(2 ** 53), 3, 100, 255, 256, -256];
const bigs = [0n, 1n, -1n, 255n, 256n, -255n, -256n, 2n ** 64n, -(2n ** 64n), 2n ** 2048n, -(2n ** 2048n), 12345n];

function randomKept(random: Random): Kept {
  const text = Array.from({ length: random.int(4) }, () => random.pick(units)).join('');
  const big = random.pick(bigs);
  const day = new Date(random.pick(numbers.slice(0, 3)) + random.int(3) - 1);
  const rest = { number: random.pick(numbers), is: random.chance(0.5), note: `${random.int(1_000)}` };
  return message(Kept, { text, big, day, ...rest });
}

/** The same table, in memory and on disk, with keys of each type. */
const kinds = {
  string: ({ text }: Kept) => text,
  number: ({ number }: Kept) => number,
  bigint: ({ big }: Kept) => big,
  Date: ({ day }: Kept) => day,
  boolean: ({ is }: Kept) => is,
};
const pairs = [
  ...Object.entries(kinds).map(([name, key]) => [name, key as (kept: Kept) => any] as const),
  ['tuple', tuple(field(Kept, 'text'), field(Kept, 'big'), field(Kept, 'number'), field(Kept, 'text'))] as const,
].map(([name, key]) => {
  const keyOf = typeof key === 'function' ? key : (kept: Kept) => [kept.text, kept.big, kept.number, kept.text];
  const memory = table(Kept, { key: key as any, name: `${name} in memory` });
  const disk = table(Kept, { key: key as any, name: `${name} on disk`, store: 'disk' });
  return { name, keyOf, memory, disk };
});

type AnyTable = Pick<Table<Kept, any>, 'get' | 'has' | 'put' | 'delete' | 'size' | 'range'>;

/** Returns the answer of a table to a random query or change. */
function asked(random: Random, table: AnyTable, keyOf: (kept: Kept) => unknown): unknown {
  const kept = randomKept(random);
  const key = keyOf(kept);
  const border = (): unknown => (random.chance(0.3) ? undefined : keyOf(randomKept(random)));
  switch (random.int(7)) {
    case 0:
      return table.get(key);
    case 1:
      return table.has(key);
    case 2:
      return table.delete(key);
    case 3: {
      const limit = random.chance(0.5) ? undefined : random.int(5);
      const view = table.range({ from: border(), to: border(), reverse: random.chance(0.5), limit });
      table.put(kept);
      // As it was before, however often it is read.
      return [[...view], [...view]];
    }
    default:
      return [table.put(kept), table.size];
  }
}

describe('a table on disk', () => {
  it.each(pairs)('behaves like one in memory: by a $name', async ({ memory, disk, keyOf }) => {
    for (let seed = firstSeed(); seed < firstSeed() + cases(2); seed++) {
      const items = Array.from({ length: 60 }, (_, at) => message(Item, { at }));
      const differences: unknown[] = [];
      const views: unknown[] = [];
      const process = processFunction(Item, { inject: [memory, disk], onError: 'skip' }, async ({ at }, one, other) => {
        for (let i = 0; i < 4; i++) {
          const expected = asked(new Random(seed * 1_000 + at * 10 + i), one, keyOf);
          const found = asked(new Random(seed * 1_000 + at * 10 + i), other, keyOf);
          if (JSON.stringify(shown(expected)) !== JSON.stringify(shown(found)))
            differences.push({ at, expected, found });
        }
        if (at % 7 === 0) views.push([...mill.table(memory).range()].length === [...mill.table(disk).range()].length);
        if (at % 5 === 0) throw new Error('taken back');
      });
      const broker = new MemoryMessageBroker([[Item, items]]);
      const options = { commitEvery: { elements: 1 + (seed % 9) }, storeFolder: directory.path };
      const mill: WaterMill = new WaterMill({ process, broker, ...options });
      await mill.run();
      expect({ repeat: repeatBy(seed), differences }).toEqual({ repeat: repeatBy(seed), differences: [] });
      expect(new Set(views)).toEqual(new Set([true]));
      expect([...mill.table(disk).range()]).toEqual([...mill.table(memory).range()]);
      expect(mill.table(disk).size).toBe(mill.table(memory).size);
      // Each start fills it again.
      const again = new WaterMill({ process, broker, ...options });
      await again.run();
      expect([...again.table(disk).range({ reverse: true })]).toEqual([...mill.table(memory).range({ reverse: true })]);
    }
  });

  it.each(['memory', 'disk'] as const)(
    'in %s takes its keys for what was put, not for what is asked',
    async (store) => {
      const ByNumber = table(Kept, { key: ({ number }) => number, name: 'ByNumber', store });
      const ByPair = table(Kept, { key: ({ text, number }) => [text, number] as const, name: 'ByPair', store });
      const kept = { ...randomKept(new Random(1)), text: 'a' };
      const options = { inject: [ByNumber, ByPair], onError: 'fail' } as const;
      const process = processFunction(Item, options, ({ at }, byNumber, byPair) => {
        if (at === 0) {
          expect(byNumber.get('0' as never)).toBeUndefined();
          expect(byPair.has(['a', '0'] as never)).toBe(false);
        }
        byNumber.put({ ...kept, number: at });
        byPair.put({ ...kept, number: at });
      });
      const file = directory.file('items.json');
      writeFileSync(file, JSON.stringify([{ at: 0 }, { at: 1 }]));
      for (let run = 0; run < 2; run++) {
        // The second one reads no stored changes.
        const broker = new JsonFileMessageBroker([[Item, file]], { group: 'g' });
        const mill = new WaterMill({ process, broker, storeFolder: directory.file('stores') });
        await mill.run();
        const [byNumber, byPair] = [mill.table(ByNumber), mill.table(ByPair)];
        expect(() => byNumber.get('0' as never)).toThrow(expect.objectContaining({ code: 'WM_TABLE_KEY' }));
        expect(() => byPair.get(['a', '0'] as never)).toThrow(expect.objectContaining({ code: 'WM_TABLE_KEY' }));
        expect([byNumber.get(1)?.number, byPair.get(['a', 1])?.number]).toEqual([1, 1]);
      }
    },
  );

  it('returns the rows of a range, although its keys and ends are objects that change', async () => {
    const shared: [number, string] = [0, ''];
    const key = ({ number, text }: Kept): readonly [number, string] => {
      [shared[0], shared[1]] = [number, text];
      return shared;
    };
    const ByPair = table(Kept, { key, name: 'ByPair', store: 'disk' });
    const kept = { ...randomKept(new Random(1)), text: 'a' };
    const numbers = (rows: Iterable<Readonly<Kept>>) => [...rows].map(({ number }) => number);
    const found: number[][] = [];
    const from: [number, string] = [0, 'a'];
    const ask = (rows: Pick<Table<Kept, any>, 'range'>, first: number, limit?: number): void => {
      from[0] = first;
      found.push(numbers(rows.range({ from, limit })));
    };
    const process = processFunction(Item, { inject: [ByPair] }, ({ at }, byPair) => {
      if (at < 8) byPair.put({ ...kept, number: at });
      if (at === 20) {
        byPair.delete([5, 'a']);
        ask(byPair, 5, 2);
        ask(byPair, 2, 2);
        ask(byPair, 1);
      }
      called();
    });
    let called = (): void => {};
    // Each is written before the next one arrives.
    async function* source(): AsyncGenerator<Item> {
      for (let at = 0; at <= 20; at++) {
        const done = new Promise<void>((resolve) => (called = resolve));
        yield message(Item, { at });
        await done;
      }
    }
    const broker = new CustomMessageBroker({ sources: [[Item, source()]] });
    const mill = new WaterMill({ process, broker, storeFolder: directory.path });
    await mill.run();
    expect(found).toEqual([
      [6, 7],
      [2, 3],
      [1, 2, 3, 4, 6, 7],
    ]);
    const rest = [0, 1, 2, 3, 4, 6, 7];
    expect(numbers(mill.table(ByPair).range({ limit: 20 }))).toEqual(rest);
    expect(numbers(mill.table(ByPair).range({ limit: 20, reverse: true }))).toEqual([...rest].reverse());
    expect(numbers(mill.table(ByPair).range())).toEqual(rest);
  });

  it('returns many rows in ranges', async () => {
    const ByNumber = table(Kept, { key: field(Kept, 'number'), store: 'disk' });
    const text = 'long '.repeat(100_000);
    const kept = { ...randomKept(new Random(1)), text };
    const process = processFunction(Item, { inject: [ByNumber] }, ({ at }, table) =>
      table.put({ ...kept, number: at }),
    );
    const items = Array.from({ length: 12 }, (_, at) => message(Item, { at }));
    const mill = new WaterMill({
      process,
      broker: new MemoryMessageBroker([[Item, items]]),
      storeFolder: directory.path,
    });
    await mill.run();
    const numbers = items.map(({ at }) => at);
    const found = (rows: Iterable<Kept>) => [...rows].map((row) => [row.number, row.text === text]);
    expect(found(mill.table(ByNumber).range())).toEqual(numbers.map((at) => [at, true]));
    expect(found(mill.table(ByNumber).range({ reverse: true }))).toEqual(numbers.reverse().map((at) => [at, true]));
  });

  it('returns the row that the last call put, even if many others were read since and it is not on disk yet', async () => {
    const ByNumber = table(Kept, { key: field(Kept, 'number'), store: 'disk' });
    const kept = { ...randomKept(new Random(1)), number: 0 };
    const note = 'long '.repeat(50);
    const seen: (string | undefined)[] = [];
    const process = processFunction(Item, { inject: [ByNumber] }, async ({ at }, byNumber) => {
      seen.push(byNumber.get(0)?.note);
      // More than stay in memory, and enough that writing them takes longer than the time to the next call.
      if (at === 1) for (let number = 1; number <= 20_000; number++) byNumber.has(-number);
      if (at === 1) for (let number = 1; number <= 9_000; number++) byNumber.put({ ...kept, number, note });
      byNumber.put({ ...kept, note: `${at}` });
      called();
    });
    let called = (): void => {};
    // An item arrives when the previous call is done, so that each is handed over, and written, before the next call.
    async function* source(): AsyncGenerator<Item> {
      for (let at = 0; at < 4; at++) {
        const done = new Promise<void>((resolve) => (called = resolve));
        yield message(Item, { at });
        await done;
      }
    }
    const broker = new CustomMessageBroker({ sources: [[Item, source()]] });
    await new WaterMill({ process, broker, storeFolder: directory.path }).run();
    expect(seen).toEqual([undefined, '0', '1', '2']);
  });

  it('has more than its cache, and returns all of it', async () => {
    const ByNumber = table(Kept, { key: field(Kept, 'number'), store: 'disk' });
    const count = 15_000;
    const kept = randomKept(new Random(1));
    const process = processFunction(Item, { inject: [ByNumber] }, ({ at }, byNumber) => {
      const number = (at * 7_919) % count;
      byNumber.put({ ...kept, number, note: `${(byNumber.get(number)?.note ?? '') + (at < count ? 'a' : 'b')}` });
      if (at % 1_000 === 999) byNumber.delete(at % 17);
    });
    // Half of the keys occur twice.
    const items = Array.from({ length: 1.5 * count }, (_, at) => message(Item, { at }));
    const broker = new MemoryMessageBroker([[Item, items]]);
    const mill = new WaterMill({ process, broker, storeFolder: directory.path });
    await mill.run();
    const expected = new Map<number, string>();
    for (let at = 0; at < items.length; at++) {
      const number = (at * 7_919) % count;
      expected.set(number, (expected.get(number) ?? '') + (at < count ? 'a' : 'b'));
      if (at % 1_000 === 999) expected.delete(at % 17);
    }
    const view = mill.table(ByNumber);
    expect(view.size).toBe(expected.size);
    const all = [...view.range()].map(({ number, note }) => [number, note]);
    expect(all).toEqual([...expected].sort(([a], [b]) => a - b));
    expect([...view.range({ from: 100, reverse: true, limit: 2 })].map(({ number }) => number)).toEqual([
      count - 1,
      count - 2,
    ]);
    expect(view.get(123)?.note).toBe(expected.get(123));
  });
});

function shown(value: unknown): unknown {
  if (typeof value === 'bigint') return `${value}n`;
  if (Array.isArray(value)) return value.map(shown);
  if (value instanceof Date || typeof value !== 'object' || value === null) return value;
  return Object.entries(value).map(([name, member]) => [name, shown(member)]);
}
