import {
  alias,
  EndOfStream,
  Field,
  field,
  joinStreams,
  joinWith,
  MemoryMessageBroker,
  Message,
  message,
  processFunction,
  type StreamReader,
  WaterMill,
} from 'watermill';
import { connect as connectAny, type Opened, readBatches, valuesIn } from '../../../lib/conformance/conformance-run.js';

@Message()
class Reading {
  @Field({ name: 'value_n' }) n!: number;
}

class Next extends alias(Reading, 'Next') {}

@Message()
class Result {
  @Field() n!: number;
}

@Message()
class Other {
  @Field() n!: number;
}

const readings = (count: number) => Array.from({ length: count }, (_, n) => message(Reading, { n }));

async function readAll(broker: MemoryMessageBroker, cls = Reading): Promise<unknown[]> {
  const { connection, lane } = await connectAny(broker, [cls]);
  const values = valuesIn(await readBatches(await lane.openReader(0, undefined)));
  await connection.close();
  return values;
}

describe('an entry with an iterable', () => {
  test('that is an array is one batch and not copied, even for a reader that starts in the middle', async () => {
    const elements = readings(2_500);
    const broker = new MemoryMessageBroker([[Reading, elements]]);
    const { connection, lane } = await connectAny(broker, [Reading]);
    for (const mark of [undefined, 0]) {
      const [batch, ...further] = await readBatches(await lane.openReader(0, mark));
      expect(batch).toMatchObject({ first: 0, mark: 0, end: true });
      expect(batch?.values).toBe(elements);
      expect(further).toEqual([]);
    }
    await connection.close();
  });

  test('is read lazily, value by value', async () => {
    let taken = 0;
    function* endless() {
      for (;;) yield message(Reading, { n: taken++ });
    }
    const broker = new MemoryMessageBroker([[Reading, endless()]]);
    const { connection, lane } = await connectAny(broker, [Reading]);
    expect(taken).toBe(0);
    const reader = await lane.openReader(0, undefined);
    await reader.read();
    expect(taken).toBe(1024);
    await connection.close();
  });

  test('that can be iterated again is not kept, and is released when the reader is closed', async () => {
    let begun = 0;
    let left = 0;
    const again = {
      *[Symbol.iterator]() {
        begun++;
        try {
          for (let n = 0; ; n++) yield { n };
        } finally {
          left++;
        }
      },
    };
    const broker = new MemoryMessageBroker([[Reading, again]]);
    const { connection, lane } = await connectAny(broker, [Reading]);
    const behind = await lane.openReader(0, undefined);
    const ahead = await lane.openReader(0, 5_000);
    expect((await behind.read()).values[0]).toEqual({ n: 0 });
    expect(await ahead.read()).toMatchObject({ first: 5_000, values: { 0: { n: 5_000 }, length: 1024 } });
    expect(begun).toBe(2);
    await connection.close();
    expect(left).toBe(2);
  });

  test.each([
    ['an array', () => [...readings(3), new EndOfStream(), ...readings(2)]],
    ['a generator', () => [...readings(3), new EndOfStream(), ...readings(2)].values()],
    ['a set', () => new Set([...readings(3), new EndOfStream(), ...readings(2)])],
  ])('ends at an end mark within %s, for every node that reads it', async (_, make) => {
    const shared = make();
    const broker = new MemoryMessageBroker([
      [Reading, shared],
      [Next, shared],
    ]);
    const tree = joinStreams(Reading, joinWith(Next, { left: field(Reading, 'n'), right: field(Next, 'n') }));
    const process = processFunction(tree, { emits: [Result] }, (here, same) =>
      message(Result, { n: here.n * 10 + same.of(here).length }),
    );
    const report = await new WaterMill({ process, broker }).run();
    expect(broker.written(Result)).toEqual([1, 11, 21].map((n) => message(Result, { n })));
    expect(broker.ended(Result)).toBe(true);
    expect(report.ended).toBe('master ended');
  });

  test.each([1023, 1024, 1025])('of many elements ends at an end mark with the index %d', async (length) => {
    const broker = new MemoryMessageBroker([[Reading, [...readings(length), new EndOfStream(), ...readings(2)]]]);
    const process = processFunction(Reading, { emits: [Result] }, ({ n }) => message(Result, { n }));
    const report = await new WaterMill({ process, broker }).run();
    expect(broker.written(Result)).toEqual(readings(length).map(({ n }) => message(Result, { n })));
    expect(report).toMatchObject({ ended: 'master ended', calls: length });
  });

  test('that is an array counts as read as far as calls were made for it', async () => {
    const fractions: unknown[] = [];
    const broker = new MemoryMessageBroker([[Reading, readings(4_096)]]);
    const process = processFunction(Reading, { emits: [Result] }, ({ n }) => {
      if (n % 1_024 === 0) fractions.push(mill.progress().nodes[0]?.fraction);
    });
    const mill: WaterMill = new WaterMill({ process, broker });
    await mill.run();
    expect(fractions).toEqual([1, 1_025, 2_049, 3_073].map((calls) => calls / 4_096));
  });

  test('that throws returns all earlier values, then an error with the position', async () => {
    function* failing() {
      yield* readings(3);
      throw new Error('no more');
    }
    const { lane, connection } = await connectAny(new MemoryMessageBroker([[Reading, failing()]]), [Reading]);
    const reader = await lane.openReader(0, undefined);
    expect(await reader.read()).toMatchObject({ values: { length: 3 }, end: false });
    await expect(reader.read()).rejects.toMatchObject({
      code: 'WM_INPUT_FAILED',
      message:
        'The iterable of Reading failed where element 3 was expected: no more. The elements before it were read.',
      details: { stream: 'Reading', position: 3 },
    });
    await connection.close();
  });

  test('shares its stream only with entries of the same iterable', () => {
    const shared = readings(1);
    const broker = new MemoryMessageBroker([[Reading, shared], [Next, shared], [Other, [{ n: 1 }]], [Result]]);
    const [reading, next, other, result] = [Reading, Next, Other, Result].map((cls) => broker.streamOf(cls));
    expect(next?.id).toBe(reading?.id);
    expect(new Set([reading?.id, other?.id, result?.id]).size).toBe(3);
    expect(new MemoryMessageBroker([[Reading, shared]]).streamOf(Reading)?.id).not.toBe(reading?.id);
    expect([reading?.label, next?.label]).toEqual(['Reading', 'Next']);
  });

  test('may contain objects with property names, and declares it; a codec is passed on', () => {
    const codec = { deserializer: (raw: { m: number }) => ({ n: raw.m }) };
    const broker = new MemoryMessageBroker([[Reading, [{ m: 1 }], codec]]);
    expect(broker.streamOf(Reading)).toMatchObject({ acceptPropertyNames: true, codec });
    expect(broker.streamOf(Other)).toBeUndefined();
  });
});

describe('an entry without an iterable', () => {
  /** A run that reads these classes. */
  async function reading(
    broker: MemoryMessageBroker,
    ...classes: (typeof Reading)[]
  ): Promise<Opened & { readers: StreamReader[] }> {
    const opened = await connectAny(broker, classes);
    const readers = await Promise.all(classes.map((_, i) => opened.lane.openReader(i, undefined)));
    return { ...opened, readers };
  }

  test('is pushed into before and while a mill reads', async () => {
    const broker = new MemoryMessageBroker([[Reading]]);
    broker.push(Reading, ...readings(2));
    const { connection, readers } = await reading(broker, Reading);
    expect(await readers[0]!.read()).toMatchObject({ values: readings(2), first: 0, end: false });
    const pending = readers[0]!.read();
    broker.push(Reading, { n: 7 }, { n: 8 });
    expect(await pending).toMatchObject({ values: [{ n: 7 }, { n: 8 }], first: 2, end: false });
    const last = readers[0]!.read();
    broker.end(Reading);
    broker.end(Reading);
    expect(await last).toMatchObject({ values: [], end: true });
    await connection.close();
  });

  test('ends with a pushed end mark', async () => {
    const broker = new MemoryMessageBroker([[Reading]]);
    broker.push(Reading, ...readings(2), new EndOfStream());
    expect(await readAll(broker)).toEqual(readings(2));
    expect(() => broker.push(Reading, { n: 1 })).toThrow(
      expect.objectContaining({
        code: 'WM_PUSH',
        message: 'The stream of Reading accepts nothing after its end, found a push.',
      }),
    );
  });

  test('accepts nothing after an end mark', async () => {
    const broker = new MemoryMessageBroker([[Reading]]);
    expect(() => broker.push(Reading, new EndOfStream(), { n: 1 })).toThrow(
      'The stream of Reading accepts EndOfStream as the last element, found more after it.',
    );
    broker.end(Reading);
    expect(await readAll(broker)).toEqual([]);
  });

  test('is kept for a run that continues later', async () => {
    const broker = new MemoryMessageBroker([[Reading]]);
    broker.push(Reading, ...readings(10));
    const first = await reading(broker, Reading);
    await first.readers[0]!.read();
    await first.connection.close();
    const second = await connectAny(broker, [Reading]);
    expect(await (await second.lane.openReader(0, 4)).read()).toMatchObject({ first: 4, values: { length: 6 } });
    await second.connection.close();
  });

  const isWaiting = (pushed: void | Promise<void>) => pushed instanceof Promise;

  test('makes producers wait beyond its capacity until the mill has caught up', async () => {
    const broker = new MemoryMessageBroker([[Reading]], { capacity: 3 });
    const { connection, readers } = await reading(broker, Reading);
    expect(isWaiting(broker.push(Reading, ...readings(3)))).toBe(false);
    const pushed = broker.push(Reading, { n: 4 });
    expect(isWaiting(pushed)).toBe(true);
    await readers[0]!.read();
    await pushed;
    await connection.close();
  });

  test('has a capacity of 1024 elements', async () => {
    const broker = new MemoryMessageBroker([[Reading]]);
    const { connection } = await reading(broker, Reading);
    expect(isWaiting(broker.push(Reading, ...readings(1024)))).toBe(false);
    expect(isWaiting(broker.push(Reading, { n: 1 }))).toBe(true);
    await connection.close();
  });

  test('makes no producer wait while no mill runs, nor after it has ended', async () => {
    const broker = new MemoryMessageBroker([[Reading]], { capacity: 1 });
    expect(isWaiting(broker.push(Reading, ...readings(5)))).toBe(false);
    const { connection } = await reading(broker, Reading);
    const pushed = broker.push(Reading, { n: 1 });
    expect(isWaiting(pushed)).toBe(true);
    await connection.close();
    await pushed;
    expect(isWaiting(broker.push(Reading, { n: 1 }))).toBe(false);
  });

  test('makes no producer wait while the mill waits for another stream, so that one producer can feed both', async () => {
    const broker = new MemoryMessageBroker([[Reading], [Next]], { capacity: 1 });
    const { connection, readers } = await reading(broker, Reading, Next);
    const full = broker.push(Reading, ...readings(5));
    expect(isWaiting(full)).toBe(true);
    const pending = readers[1]!.read();
    await full;
    expect(isWaiting(broker.push(Reading, ...readings(5)))).toBe(false);
    expect(isWaiting(broker.push(Next, { n: 1 }))).toBe(false);
    await pending;
    expect(isWaiting(broker.push(Reading, ...readings(5)))).toBe(true);
    await connection.close();
  });

  test('does not count elements that only the slower of two readers has still to take', async () => {
    const broker = new MemoryMessageBroker([[Reading]], { capacity: 3 });
    const { connection, lane, readers } = await reading(broker, Reading);
    await lane.openReader(0, undefined);
    broker.push(Reading, ...readings(3));
    await readers[0]!.read();
    expect(isWaiting(broker.push(Reading, ...readings(3)))).toBe(false);
    await connection.close();
  });

  test.each([
    [Result, 'no entry of the class'],
    [Other, 'an entry with an iterable'],
  ])('is required to push: %p', (cls, found) => {
    const broker = new MemoryMessageBroker([[Reading], [Other, []]]);
    const sentence = `Nothing can be pushed into the stream of ${cls.name}: expected the entry [${cls.name}], found ${found}.`;
    expect(() => broker.push(cls, { n: 1 })).toThrow(expect.objectContaining({ code: 'WM_PUSH', message: sentence }));
    expect(() => broker.end(cls)).toThrow(sentence);
  });
});

describe('the written results', () => {
  test('are a new list, and ended only after the end', async () => {
    const broker = new MemoryMessageBroker([[Reading, []]]);
    expect([broker.written(Result), broker.ended(Result)]).toEqual([[], false]);
    const { connection } = await connectAny(broker, [Reading], [Result]);
    const writer = await connection.openWriter('0', undefined);
    writer.write(0, [message(Result, { n: 1 })]);
    const before = broker.written(Result);
    writer.write(0, [message(Result, { n: 2 })]);
    expect(before).toEqual([{ n: 1 }]);
    expect(broker.written(Result)).toEqual([{ n: 1 }, { n: 2 }]);
    expect(broker.ended(Result)).toBe(false);
    await writer.end();
    expect(broker.ended(Result)).toBe(true);
    await connection.close();
  });

  test('are the same elements whenever they are requested', async () => {
    const broker = new MemoryMessageBroker([[Reading, []]]);
    const { connection } = await connectAny(broker, [Reading], [Result]);
    const writer = await connection.openWriter('0', undefined);
    writer.write(0, [message(Result, { n: 1 })]);
    const [first] = broker.written(Result);
    writer.write(0, [message(Result, { n: 2 })]);
    const [again, second] = broker.written(Result);
    expect(again).toBe(first);
    expect(broker.written(Result)[1]).toBe(second);
    await connection.close();
  });

  test('after a mark are rolled back, even partly and after they were requested, and exclude those of failed calls', async () => {
    const broker = new MemoryMessageBroker([[Reading, []]]);
    const { connection } = await connectAny(broker, [Reading], [Result]);
    const writer = await connection.openWriter('0', undefined);
    const take = writer.takerOf!(0)!;
    const taken = [1, 2, 3, 4, 5, 6].map((n) => take(message(Result, { n })));
    writer.writeTaken!(0, [taken[0], taken[1]]);
    const early = await writer.flush();
    writer.writeTaken!(0, [taken[3], taken[4]]);
    writer.writeTaken!(0, [taken[2]]);
    const late = await writer.flush();
    writer.writeTaken!(0, [taken[5]]);
    const numbers = () => broker.written(Result).map(({ n }) => n);
    expect(numbers()).toEqual([1, 2, 4, 5, 3, 6]);
    await connection.openWriter('0', late);
    expect(numbers()).toEqual([1, 2, 4, 5, 3]);
    const again = await connection.openWriter('0', early);
    again.write(0, [message(Result, { n: 7 })]);
    expect(numbers()).toEqual([1, 2, 7]);
    await connection.openWriter('0', [{ elements: 1, ended: false }]);
    expect(numbers()).toEqual([1]);
    await connection.openWriter('0', undefined);
    expect(numbers()).toEqual([]);
    await connection.close();
  });

  test('of one mill are not rolled back by another one, which has its own commits', async () => {
    const broker = new MemoryMessageBroker([
      [Reading, []],
      [Other, []],
    ]);
    const first = await connectAny(broker, [Reading], [Result]);
    (await first.connection.openWriter('0', undefined)).write(0, [message(Result, { n: 1 })]);
    await first.lane.commit('first', { positions: [0], ended: false, marks: [] });
    const second = await connectAny(broker, [Other], [Result]);
    expect(second.lane.committed).toBeUndefined();
    (await second.connection.openWriter('0', undefined)).write(0, [message(Result, { n: 2 })]);
    expect(broker.written(Result)).toEqual([{ n: 1 }, { n: 2 }]);
    await first.connection.close();
    await second.connection.close();
    const again = await connectAny(broker, [Reading], [Result]);
    expect(again.lane.committed).toBe('first');
    await again.connection.close();
  });
});

describe('the broker refuses', () => {
  test.each<[string, () => unknown, string]>([
    [
      'an entry that is no pair',
      () => new MemoryMessageBroker([Reading] as never),
      'Entry 1 of MemoryMessageBroker is wrong: expected a pair [Class, elements], found the class Reading. Each entry is a separate array: [[Class, elements], …].',
    ],
    [
      'a list that is none',
      () => new MemoryMessageBroker({} as never),
      'The list of entries of MemoryMessageBroker is wrong: expected an array of [Class, elements], found {}.',
    ],
    [
      'elements that are no iterable',
      () => new MemoryMessageBroker([[Reading, 'abc' as never]]),
      'The entry of Reading of MemoryMessageBroker is wrong: expected an array or another iterable after the class, found "abc".',
    ],
    [
      'a class twice',
      () => new MemoryMessageBroker([[Reading], [Reading]]),
      'The entry of Reading of MemoryMessageBroker is wrong: expected one entry per class, found "Reading".',
    ],
    [
      'options that are none',
      () => new MemoryMessageBroker([], null as never),
      'The options of MemoryMessageBroker are wrong: expected an object, found null. Write all entries in one array: new MemoryMessageBroker([[Class, elements], [Class, elements]]).',
    ],
    [
      'a capacity of nothing',
      () => new MemoryMessageBroker([], { capacity: 0 }),
      "The option 'capacity' of MemoryMessageBroker is wrong: expected a whole number above 0, found 0.",
    ],
  ])('%s', (_, make, sentence) => {
    expect(make).toThrow(expect.objectContaining({ code: 'WM_BROKER_OPTIONS', message: sentence }));
  });

  test.each([undefined, [Reading], 'Reading', class Plain {}])('what is no message class: %p', (wrong: any) => {
    const broker = new MemoryMessageBroker([[Reading]]);
    for (const [role, use] of [
      ['written()', () => broker.written(wrong)],
      ['ended()', () => broker.ended(wrong)],
      ['push()', () => broker.push(wrong, {})],
      ['end()', () => broker.end(wrong)],
    ] as const) {
      expect(use).toThrow(
        expect.objectContaining({
          code: 'WM_NOT_A_MESSAGE_CLASS',
          message: expect.stringContaining(`${role}: expected a message class, found`),
        }),
      );
    }
    expect([broker.written(Reading), broker.ended(Reading)]).toEqual([[], false]);
  });

  test('invalid timeouts', () => {
    expect(new MemoryMessageBroker([], { dataTimeoutMs: 10, pollTimeoutMs: 20 }).timeouts).toEqual({
      dataTimeoutMs: 10,
      pollTimeoutMs: 20,
    });
  });
});
