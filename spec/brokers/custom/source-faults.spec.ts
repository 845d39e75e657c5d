import { writeFileSync } from 'node:fs';
import { Writable } from 'node:stream';
import {
  type Broker,
  CustomMessageBroker,
  every,
  Field,
  field,
  JsonFileMessageBroker,
  joinStreams,
  joinWith,
  Message,
  message,
  processFunction,
  WaterMill,
} from 'watermill';
import { rejection } from '../../mill/support/rejection.js';
import { Item, Result } from '../../support/items.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';
import { until, VirtualClock } from '../../support/virtual-clock.js';

const directory = temporaryDirectory();
afterAll(() => directory.remove());
const folder = directory.newPath;
const numbered = (...numbers: number[]): { n: number }[] => numbers.map((n) => ({ n }));

/** A mill from a source to a sink, whose calls record their elements. */
function millOf(
  source: unknown,
  { sink = () => {}, options, ...broker }: { sink?: unknown; options?: object; progress?: string } = {},
  call: (item: Item) => unknown = () => {},
) {
  const seen: number[] = [];
  const process = processFunction(Item, { emits: [Result] }, (item) => {
    seen.push(item.n);
    call(item);
    return message(Result, { n: item.n });
  });
  const entries = { sources: [[Item, source, ...(options === undefined ? [] : [options])]], sinks: [[Result, sink]] };
  const custom = new CustomMessageBroker<any, any>({ ...broker, ...entries } as never);
  return { seen, mill: new WaterMill({ process, broker: custom, commitEvery: { elements: 1 } }) };
}

/** Runs until the call for an element stops the mill. */
async function stoppedAt(n: number, source: unknown, options: { progress: string; options?: object }) {
  const { mill } = millOf(source, options, (item) => {
    if (item.n === n) void mill.stop();
  });
  await mill.run();
}

async function failureOf(mill: WaterMill) {
  const { code, details } = await rejection(mill.run());
  return { code, ...details };
}

const neverDone = () => ({ next: (): object => ({}) });
const batchOf = (iterator: () => object) => ({ read: () => ({ data: { [Symbol.asyncIterator]: iterator }, to: 1 }) });

describe('a source that breaks its contract is reported', () => {
  it.each<[string, unknown, object]>([
    [
      'a promise that is rejected is a value',
      () => [Promise.reject(new Error('late'))],
      { expected: 'an element', found: 'a promise' },
    ],
    [
      'so it is in a batch',
      { read: () => ({ data: [Promise.reject(new Error('late'))], to: 1 }) },
      { expected: 'an element', found: 'a promise' },
    ],
    [
      'a sync iterator gives promises of results',
      { [Symbol.iterator]: () => ({ next: () => Promise.resolve({ done: true, value: undefined }) }) },
      { expected: 'an iterator result', found: 'a promise' },
    ],
    ...[{ [Symbol.iterator]: neverDone }, { [Symbol.asyncIterator]: neverDone }, () => batchOf(neverDone)].map(
      (source): [string, unknown, object] => [
        'an iterator can never be done',
        typeof source === 'function' ? source() : source,
        { expected: 'an iterator result', found: '{}' },
      ],
    ),
    [
      'what should be an iterator is none',
      { [Symbol.asyncIterator]: () => ({ neXt: 1 }) },
      { expected: 'an iterator with `next()`', found: '{ neXt: 1 }' },
    ],
  ])('if %s', async (_, source, found) => {
    expect(await failureOf(millOf(source).mill)).toMatchObject({ code: 'WM_SOURCE_PROTOCOL', ...found });
  });

  it('if numeric offsets go back', async () => {
    const options = { offset: ({ n }: Item) => n };
    const { seen, mill } = millOf(() => numbered(1, 3, 2), { options });
    const error = await failureOf(mill);
    expect(error).toMatchObject({ code: 'WM_SOURCE_PROTOCOL', position: 2, expected: 'an offset above 3', found: '2' });
    expect(seen).toEqual([1, 3]);
  });

  it('if it starts over instead of continuing after `after`: nothing is processed twice', async () => {
    const kept = { progress: folder(), options: { offset: ({ n }: Item) => n } };
    await stoppedAt(2, () => numbered(1, 2, 3), kept);
    const { seen, mill } = millOf(() => numbered(1, 2, 3), kept);
    expect(await failureOf(mill)).toMatchObject({ expected: 'an offset above 2', found: '1' });
    expect(seen).toEqual([]);
  });

  it.each([
    ['from the beginning', numbered(1, 2, 3), '"row-1", the first one of the stream, again'],
    ['from `after` itself', numbered(2, 3), '"row-2" again'],
  ])('if offsets are texts, and the source starts %s', async (_, again, found) => {
    const kept = { progress: folder(), options: { offset: ({ n }: Item) => `row-${n}` } };
    await stoppedAt(2, () => numbered(1, 2, 3), kept);
    const { seen, mill } = millOf(() => again, kept);
    const error = await rejection(mill.run());
    expect(error).toMatchObject({ code: 'WM_SOURCE_PROTOCOL', details: { position: 2, found } });
    expect(error.message).toMatch(
      `The source of Item broke its protocol at element 2: expected an offset after \`after\`, which is "row-2", found ${found}. Elements would be processed twice.`,
    );
    expect(seen).toEqual([]);
    const behind = millOf(() => numbered(3), kept);
    await behind.mill.run();
    expect(behind.seen).toEqual([3]);
  });

  it.each([
    ['null', null],
    ['a number', 0],
  ])('but not if only the first offset is %s, and the source continues after it', async (_, first) => {
    const kept = { progress: folder(), options: { offset: ({ n }: Item) => (n === 1 ? first : `row-${n}`) } };
    const source = ({ after }: { after?: unknown }) =>
      numbered(1, 2, 3).slice(after === undefined ? 0 : after === first ? 1 : Number(String(after).slice(4)));
    const all: number[] = [];
    for (const n of [1, 2, 3]) {
      const { seen, mill } = millOf(source, kept, (item) => {
        if (item.n === n) void mill.stop();
      });
      await mill.run();
      all.push(...seen);
    }
    expect(all).toEqual([1, 2, 3]);
  });

  it('if offsets are objects, and the source starts over after a failure in the same run', async () => {
    let calls = 0;
    const source = function* () {
      yield* numbered(1, 2);
      if (++calls === 1) throw new Error('away');
      yield* numbered(3);
    };
    const options = { offset: ({ n }: Item) => ({ row: n }), retries: { max: 3, delayMs: 1 } };
    const { seen, mill } = millOf(source, { options });
    expect(await failureOf(mill)).toMatchObject({ expected: 'an offset after `after`, which is { row: 2 }' });
    expect(seen).toEqual([1, 2]);
  });

  it('if a batch source ignores `after` and its offsets are texts', async () => {
    const progress = folder();
    const pages = [numbered(1, 2), numbered(3, 4), numbered(5, 6)];
    const from = (page: number) => (pages[page] === undefined ? undefined : { data: pages[page], to: `page-${page}` });
    const source = { read: ({ after }: any) => from(after === undefined ? 0 : Number(after.slice(5)) + 1) };
    await stoppedAt(5, source, { progress });
    await stoppedAt(6, source, { progress });
    const { seen, mill } = millOf({ read: () => from(0) }, { progress });
    expect(await failureOf(mill)).toMatchObject({
      code: 'WM_SOURCE_PROTOCOL',
      expected: 'a batch that ends after "page-2"',
      found: 'the first batch again, up to "page-0"',
    });
    expect(seen).toEqual([]);
  });

  it.each([[numbered(1, 2)], [numbered(1, 2, 3, 4, 5)]])('if a batch is repeated as %j', async (again) => {
    const progress = folder();
    await stoppedAt(2, { read: () => ({ data: numbered(1, 2, 3, 4), to: 4 }) }, { progress });
    const { seen, mill } = millOf({ read: () => ({ data: again, to: 4 }) }, { progress });
    const found = `one of ${again.length} elements, which had 4 when it was read before`;
    expect(await failureOf(mill)).toMatchObject({ code: 'WM_SOURCE_PROTOCOL', found });
    expect(seen).toEqual([]);
  });

  describe('if it does not continue from the positions of the one before:', () => {
    const rows = numbered(1, 2, 3, 4);
    const isAfter = (after: unknown) => (row: { n: number }) => row.n > (typeof after === 'number' ? after : 0);
    const rowsAfter = ({ after }: { after?: unknown }) => rows.filter(isAfter(after));
    const pages = { read: ({ after }: { after?: unknown }) => ({ data: rows.filter(isAfter(after)), to: 4 }) };
    const offset = ({ n }: Item) => n;
    const timer = every(1, () => ({ n: 9 }));
    const ordinals = 'a source whose positions are ordinals (an iterable, or a function without `offset`)';
    it.each<[string, unknown, object | undefined, unknown, object | undefined, string, string]>([
      ['an `offset` was added', rowsAfter, undefined, rowsAfter, { offset }, ordinals, 'a function with `offset`'],
      ['an `offset` was removed', rowsAfter, { offset }, rowsAfter, undefined, 'a function with `offset`', ordinals],
      [
        'it is a batch source now',
        rowsAfter,
        { offset },
        pages,
        undefined,
        'a function with `offset`',
        'a batch source',
      ],
      ['it was a batch source', pages, undefined, rowsAfter, { offset }, 'a batch source', 'a function with `offset`'],
      ['it is a timer now', rows, undefined, timer, undefined, ordinals, 'every(…)'],
      ['it was a timer', timer, undefined, rowsAfter, { offset }, 'every(…)', 'a function with `offset`'],
    ])('%s', async (_, before, optionsBefore, now, optionsNow, expected, found) => {
      const progress = folder();
      const started = millOf(before, { progress, ...(optionsBefore && { options: optionsBefore }) }, () => {
        void started.mill.stop();
      });
      await started.mill.run();
      const { seen, mill } = millOf(now, { progress, ...(optionsNow && { options: optionsNow }) });
      // A busy machine may miss ticks of the timer.
      const position = expect.any(Number);
      expect(await failureOf(mill)).toMatchObject({ code: 'WM_SOURCE_PROTOCOL', position, expected, found });
      expect(seen).toEqual([]);
    });

    it('but an iterable continues as it is, also with an offset since', async () => {
      const progress = folder();
      await stoppedAt(2, rows, { progress });
      const { seen, mill } = millOf(rows, { progress, options: { offset } });
      await mill.run();
      expect(seen).toEqual([3, 4]);
    });

    it('another broker read it', async () => {
      const [leading, file] = [folder(), `${folder()}.ndjson`];
      writeFileSync(file, '{"n":1}\n{"n":2}\n{"n":3}\n{"n":4}\n');
      const tree = joinStreams(Item, joinWith(Result, { left: field(Item, 'n'), right: field(Result, 'n') }));
      const mill = (broker: Broker, n: number) => {
        const process = processFunction(tree, { emits: [] }, (item) => {
          if (item.n === n) void made.stop();
        });
        const leader = new CustomMessageBroker({ sources: [[Item, rows]], progress: leading });
        const made: WaterMill = new WaterMill({ process, broker: [leader, broker], commitEvery: { elements: 1 } });
        return made;
      };
      await mill(new JsonFileMessageBroker([[Result, file]]), 2).run();
      const other = mill(new CustomMessageBroker({ sources: [[Result, rows]] }), 9);
      expect(await failureOf(other)).toMatchObject({
        code: 'WM_SOURCE_PROTOCOL',
        message: 'Result',
        expected: 'the input of another broker',
      });
    });
  });

  it('with a hint at `retries` only if they would help', async () => {
    const fails = (): never => {
      throw new Error('away');
    };
    const failsLater = (function* () {
      yield* numbered(1);
      fails();
    })();
    const messages = async (source: unknown, options?: object) =>
      String((await rejection(millOf(source, options && { options }).mill.run())).message);
    expect(await messages(fails)).toContain('Give `retries`');
    expect(await messages({ read: fails })).toContain('Give `retries`');
    expect(await messages(failsLater)).not.toContain('retries');
    expect(await messages(fails, { retries: { max: 1, delayMs: 0 } })).not.toContain('retries');
    expect(await messages({ read: fails }, { retries: { max: 1, delayMs: 0 } })).not.toContain('retries');
    expect(await messages(() => numbered(1), { offset: fails })).not.toContain('retries');
  });
});

it('offsets are copied, so that a source may reuse one object', async () => {
  const kept: unknown[] = [];
  const place = { page: 0, row: 0 };
  const offset = ({ n }: Item) => Object.assign(place, { row: n });
  const source = ({ after }: { after?: { row: number } }) => {
    kept.push(after);
    return numbered(1, 2, 3, 4).slice(after?.row);
  };
  const progress = folder();
  await stoppedAt(2, source, { progress, options: { offset } });
  await millOf(source, { progress, options: { offset } }).mill.run();
  expect(kept).toEqual([undefined, { page: 0, row: 2 }]);
});

it('offsets are compared by value, whatever the order of their members', async () => {
  const offset = ({ n }: Item) => (n === 1 ? { a: 1, b: 2 } : { b: 2, a: 1 });
  const error = await failureOf(millOf(() => numbered(1, 2), { options: { offset } }).mill);
  expect(error).toMatchObject({ code: 'WM_SOURCE_PROTOCOL', found: '{ b: 2, a: 1 } again' });
});

describe('stop() that is awaited within a source or a sink resolves when it is accepted:', () => {
  const later = () => new Promise((resolve) => setImmediate(resolve));
  let stop: () => Promise<void>;

  async function* gives() {
    yield* numbered(1);
    await later();
    await stop();
  }
  async function* closes() {
    try {
      yield* numbered(1);
      void stop();
      yield* numbered(2);
    } finally {
      await later();
      await stop();
    }
  }
  async function* givesAtOnce() {
    yield* numbered(1);
    await stop();
  }
  const stops = async () => {
    await later();
    await stop();
  };
  const stopsAtOnce = async () => await stop();
  it.each<[string, unknown, unknown]>([
    ['a generator', () => gives(), () => {}],
    ['what closes a generator', () => closes(), () => {}],
    ['a function', () => stops().then(() => numbered(1)), () => {}],
    ['a batch source', { read: stops }, () => {}],
    ['a sink', numbered(1), stops],
    ['a batch sink', numbered(1), { write: stops }],
    ['the end of a batch sink', numbered(1), { write() {}, end: stops }],
    ['a generator, at once', () => givesAtOnce(), () => {}],
    ['a function, at once', () => stopsAtOnce().then(() => numbered(1)), () => {}],
    ['a batch source, at once', { read: stopsAtOnce }, () => {}],
    ['a sink, at once', numbered(1), stopsAtOnce],
    ['a batch sink, at once', numbered(1), { write: stopsAtOnce }],
    ['the end of a batch sink, at once', numbered(1), { write() {}, end: stopsAtOnce }],
  ])('%s', async (_, source, sink) => {
    const { mill } = millOf(source, { sink });
    stop = () => mill.stop();
    await mill.run();
  });
});

it.each([
  ['with an error', new Error('gone'), 'gone'],
  ['without one', undefined, 'the stream was closed'],
])('a Writable that is destroyed %s while it is awaited fails the mill', async (_, error, found) => {
  const sink = new Writable({
    write() {
      this.destroy(error);
    },
  });
  expect(await failureOf(millOf(numbered(1, 2), { sink }).mill)).toMatchObject({ code: 'WM_SINK_FAILED', found });
});

it('a timer whose interval has changed continues one new interval after its last tick', async () => {
  @Message()
  class Tick {
    @Field() at!: Date;
  }
  const progress = folder();
  const ticks = async (intervalMs: number, count: number): Promise<number[]> => {
    const clock = new VirtualClock();
    const seen: number[] = [];
    const process = processFunction(Tick, { emits: [] }, ({ at }) => {
      seen.push(at.getTime());
      if (seen.length === count) void mill.stop();
    });
    const source = every(intervalMs, (at) => message(Tick, { at }), { missed: 'all' });
    const broker = new CustomMessageBroker({ sources: [[Tick, source]], progress });
    const mill: WaterMill = new WaterMill({ process, broker, clock });
    const run = mill.run();
    await until(() => clock.pending > 0);
    while (seen.length < count) {
      await clock.advance(intervalMs);
    }
    await run;
    return seen;
  };
  const before = await ticks(1_000, 10);
  const [next] = await ticks(60_000, 1);
  expect(next! - before[9]!).toBe(60_000);
});
