import { BadMessage } from '../../lib/messages/index.js';
import { Everything, everything, Location, NextLocation } from './model.js';
import { sentence, variants } from './support/variants.js';

describe.each(variants)('reading, %s', (_variant, { readerOf, writerOf, message, Field, Message, FieldProblem }) => {
  const read = readerOf(Everything);
  const reading = (change: object): string => sentence(() => read({ ...everything, ...change }));
  const location = { time: 1, x_m: 2, valid: true };

  it('creates an element of the class, with nested elements', () => {
    const element = read(everything);
    expect(element).toBeInstanceOf(Everything);
    expect(element.place).toBeInstanceOf(Location);
    expect(element.places[0]).toBeInstanceOf(Location);
    expect(element).toEqual(
      message(Everything, {
        ...everything,
        id: 12345678901234567890n,
        at: new Date('2026-01-02T03:04:05.678Z'),
        place: { time: 1, x: 2, valid: true },
        places: [{ time: 1, x: 2, valid: true }],
        size: 3,
      } as any),
    );
  });

  it.each([
    ['count', '1', 'field count must be a finite number, but is the string "1".'],
    ['count', null, 'field count must be a finite number, but is null.'],
    ['count', Number.NaN, 'field count must be a finite number, but is NaN.'],
    [
      'count',
      JSON.parse('1e400'),
      'field count must be a finite number, but is out of range (Infinity: beyond what a number holds).',
    ],
    ['count', true, 'field count must be a finite number, but is true.'],
    ['text', 1, 'field text must be a string, but is the number 1.'],
    ['text', ['a'], 'field text must be a string, but is an array.'],
    ['flag', 1, 'field flag must be true or false, but is the number 1.'],
    ['flag', 'true', 'field flag must be true or false, but is the string "true".'],
    [
      'id',
      '1.5',
      'field id must be a bigint (a decimal string, or an integer up to 2^53 - 1), but is the string "1.5".',
    ],
    ['id', '', 'field id must be a bigint (a decimal string, or an integer up to 2^53 - 1), but is the string "".'],
    ['id', 1.5, 'field id must be a bigint (a decimal string, or an integer up to 2^53 - 1), but is the number 1.5.'],
    [
      'id',
      2 ** 53,
      'field id must be a bigint (a decimal string, or an integer up to 2^53 - 1), but is the number 9007199254740992. ' +
        'It lost digits when it was parsed: have it written as a string.',
    ],
    [
      'at',
      'Jan 1',
      'field at must be a Date (an ISO 8601 string, or milliseconds since 1970), but is the string "Jan 1".',
    ],
    [
      'at',
      '2026-02-30T00:00:00Z',
      'field at must be a Date (an ISO 8601 string, or milliseconds since 1970), but is the string "2026-02-30T00:00:00Z".',
    ],
    [
      'at',
      '2026-01-01T00:00:00',
      'field at must be a Date (an ISO 8601 string, or milliseconds since 1970), but is the string "2026-01-01T00:00:00". ' +
        'Without a zone it is another instant on every machine: add Z or an offset, or give the stream a deserializer.',
    ],
    ...['2026-01-01t00:00:00z', '20260101T000000Z', '2026-01-01T00:00:00+05', '1767225600000'].map(
      (text): [string, unknown, string] => [
        'at',
        text,
        `field at must be a Date (an ISO 8601 string, or milliseconds since 1970), but is the string "${text}". ` +
          'Write it as in 2024-05-01T12:00:00.000+05:30, with Z or an offset at its end.',
      ],
    ),
    [
      'at',
      9e15,
      'field at must be a Date (an ISO 8601 string, or milliseconds since 1970), but is the number 9000000000000000.',
    ],
    [
      'at',
      new Date(Number.NaN),
      'field at must be a Date (an ISO 8601 string, or milliseconds since 1970), but is an invalid Date.',
    ],
    ['place', 5, 'field place must be an object with the fields of Location, but is the number 5.'],
    ['place', [], 'field place must be an object with the fields of Location, but is an array.'],
    ['place', { ...location, time: 'x' }, 'field place.time must be a finite number, but is the string "x".'],
    [
      'place',
      { time: 1, valid: true },
      'field place.x_m must be a finite number, but is missing. Field place has time and valid. If it may be missing, declare it so: @Field({ optional: true }).',
    ],
    ['color', 'green', 'field color must be one of "red", "blue", but is the string "green".'],
    ['level', 'Low', 'field level must be one of 0, 7, but is the string "Low".'],
    ['mode', true, 'field mode must be one of 1, "slow", false, but is true.'],
    ['side', 'c', 'field side must be one of "a", "b", but is the string "c".'],
    ['numbers', 1, 'field numbers must be an array, but is the number 1.'],
    ['numbers', [1, '2'], 'field numbers[1] must be a finite number, but is the string "2".'],
    ['numbers', [1, null], 'field numbers[1] must be a finite number, but is null.'],
    ['numbers', new Array(1), 'field numbers[0] must be a finite number, but is missing.'],
    [
      'places',
      [location, { ...location, valid: 0 }],
      'field places[1].valid must be true or false, but is the number 0.',
    ],
    ['places', [null], 'field places[0] must be an object with the fields of Location, but is null.'],
    ['grid', [[1], [2, 'x']], 'field grid[1][1] must be a finite number, but is the string "x".'],
    ['tags', ['p', 'x'], 'field tags[1] must be one of "p", "q", but is the string "x".'],
    ['note', 7, 'field note must be a string, but is the number 7.'],
    ['delay', 'x', 'field delay must be a finite number or null, but is the string "x".'],
    ['size', null, 'field size must be a finite number, but is null.'],
    [
      'text',
      undefined,
      'field text must be a string, but is missing. The message has count, flag, id, at, place, color, level, mode, side, numbers and 5 more. If it may be missing, declare it so: @Field({ optional: true }).',
    ],
    [
      'delay',
      undefined,
      'field delay must be a finite number or null, but is missing. The message has count, text, flag, id, at, place, color, level, mode, side and 5 more. If it may be missing, declare it so: @Field({ optional: true }).',
    ],
    [
      'free',
      undefined,
      'field free must be JSON, but is missing. The message has count, text, flag, id, at, place, color, level, mode, side and 5 more. If it may be missing, declare it so: @Field({ optional: true }).',
    ],
  ])('refuses %s: %p', (field, value, expected) => {
    expect(reading({ [field]: value })).toBe(expected);
  });

  it('shortens quoted values', () => {
    expect(reading({ count: 'x'.repeat(1000) })).toBe(
      `field count must be a finite number, but is the string "${'x'.repeat(40)}"… of 1000 characters.`,
    );
  });

  it('returns path, expected and found separately for programs', () => {
    const problem = (() => {
      try {
        return read({ ...everything, places: [{}] });
      } catch (error) {
        return error;
      }
    })();
    expect(problem).toBeInstanceOf(FieldProblem);
    expect(problem).toMatchObject({ path: 'places[0].time', expected: 'a finite number', found: 'missing' });
  });

  it.each([null, 1, 'text', true, [], [location], undefined])('refuses %p as a message', (value) => {
    expect(sentence(() => readerOf(Location)(value))).toMatch(
      /^the message must be an object with the fields of Location, but is .*\.$/,
    );
  });

  it.each([
    ['id', '-007', -7n],
    ['id', 5, 5n],
    ['id', Number.MAX_SAFE_INTEGER, 9007199254740991n],
    ['id', 3n, 3n],
    ['at', 0, new Date(0)],
    ['at', '2026-01-01', new Date('2026-01-01T00:00:00Z')],
    ['at', '2026-01-01T10:00+02:00', new Date('2026-01-01T08:00:00Z')],
    ['at', '2024-02-29T00:00:00.1230000000Z', new Date('2024-02-29T00:00:00.123Z')],
    ['at', '+010000-01-01T00:00:00.000Z', new Date('+010000-01-01T00:00:00.000Z')],
    ['at', new Date(5), new Date(5)],
    ['mode', false, false],
    ['level', 0, 0],
    ['free', null, null],
    ['free', 'text', 'text'],
    ['delay', 4, 4],
    ['note', null, undefined],
  ])('reads %s: %p as %p', (field, value, expected) => {
    expect(read({ ...everything, [field]: value })[field as 'id']).toEqual(expected);
  });

  describe('fields with a default in the class', () => {
    it('keep it if they are missing', () => {
      expect(read(everything)).toMatchObject({ size: 3, rate: 5 });
    });

    it('get the value of the message', () => {
      expect(read({ ...everything, size: 1, rate: 2 })).toMatchObject({ size: 1, rate: 2 });
    });

    it('become undefined by null if they are optional', () => {
      expect(read({ ...everything, rate: null }).rate).toBeUndefined();
    });
  });

  it('omits an optional field that is missing or null', () => {
    expect(Object.hasOwn(read(everything), 'note')).toBe(false);
    expect(Object.hasOwn(read({ ...everything, note: null }), 'note')).toBe(false);
  });

  it('returns an element of the class unchanged', () => {
    const element = message(Location, { time: Number.NaN, x: 1, valid: true });
    expect(readerOf(Location)(element)).toBe(element);
  });

  it('ignores fields that the class does not have', () => {
    expect(readerOf(Location)({ ...location, more: 1 })).toEqual(message(Location, { time: 1, x: 2, valid: true }));
  });

  it('refuses them if the class is strict', () => {
    class Strict {
      a!: number;
    }
    Field(() => Number, { name: 'A' })(Strict.prototype, 'a');
    Message({ strict: true })(Strict);
    expect(readerOf(Strict)({ A: 1 })).toEqual({ a: 1 });
    expect(sentence(() => readerOf(Strict)({ A: 1, b: 2 }))).toBe(
      'field b must be left out, since Strict is strict and has the fields A, but is there.',
    );
    expect(sentence(() => readerOf(Strict)(JSON.parse('{"A":1,"__proto__":{}}')))).toContain(
      'field __proto__ must be left out',
    );
  });

  it('suggests the name that was probably meant', () => {
    expect(sentence(() => readerOf(Location)({ Time: 1, x_m: 1, valid: true }))).toBe(
      "field time must be a finite number, but is missing. The message has Time: @Field({ name: 'Time' }) reads that.",
    );
  });

  it('lists the members of the message if a name is mistyped, the likely one first', () => {
    const message = { x_m: 1, valid: true, tmie: 1, note: undefined };
    expect(sentence(() => readerOf(Location)(message))).toBe(
      'field time must be a finite number, but is missing. The message has tmie, x_m and valid. If it may be missing, declare it so: @Field({ optional: true }).',
    );
    const many = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`${'name'.repeat(20)}${i}`, i]));
    expect(sentence(() => readerOf(Location)(many)).length).toBeLessThan(700);
  });

  it('reports a class without fields if the messages have members', () => {
    @Message()
    class Empty {}
    @Message({ strict: true })
    class Strict extends Empty {}
    const plain: object = readerOf(Empty)({});
    expect(plain).toBeInstanceOf(Empty);
    expect(() => readerOf(Empty)({ time: 1, x: 2 })).toThrow(
      expect.objectContaining({
        code: 'WM_MESSAGE_FIELDS',
        message:
          'Empty has no @Field, but the message has time and x: nothing of it would be read. Write @Field() above the fields of the class.',
      }),
    );
    expect(sentence(() => readerOf(Strict)({ time: 1 }))).toContain('field time must be left out');
    const made = Object.assign(new Empty(), { time: 1 });
    expect(readerOf(Empty, { deserializer: () => made })({})).toStrictEqual(made);
    expect(writerOf(Empty)(new Empty())).toBe('{}');
    expect(sentence(() => writerOf(Empty)(made))).toContain(
      'Empty has no @Field, but the element has time: nothing of it would be written.',
    );
  });

  describe('by property names', () => {
    const either = readerOf(Location, undefined, { acceptPropertyNames: true });

    it('is refused by default', () => {
      expect(sentence(() => readerOf(Location)({ time: 1, x: 2, valid: true }))).toMatch(
        /^field x_m must be .* but is missing/,
      );
    });

    it('reads either name, preferring the one of messages', () => {
      expect(either({ time: 1, x: 2, valid: true })).toEqual({ time: 1, x: 2, valid: true });
      expect(either({ time: 1, x: 9, x_m: 2, valid: true })).toEqual({ time: 1, x: 2, valid: true });
      expect(sentence(() => either({ time: 1, valid: true }))).toBe(
        'field x_m must be a finite number, but is missing. The message has time and valid. If it may be missing, declare it so: @Field({ optional: true }).',
      );
      expect(sentence(() => either({ time: 1, x: 'a', valid: true }))).toBe(
        'field x must be a finite number, but is the string "a".',
      );
    });

    it('reads elements of another class by their properties, also if names are swapped', () => {
      class Crossed {
        a!: number;
        b!: number;
      }
      Field(() => Number, { name: 'b' })(Crossed.prototype, 'a');
      Field(() => Number, { name: 'a' })(Crossed.prototype, 'b');
      Message()(Crossed);
      class Other extends Crossed {}
      const readOther = readerOf(Other, undefined, { acceptPropertyNames: true });
      expect(readOther(message(Crossed, { a: 1, b: 2 }))).toEqual({ a: 1, b: 2 });
      expect(readOther({ a: 1, b: 2 })).toEqual({ a: 2, b: 1 });
    });

    it('reads the elements of one class as elements of its alias', () => {
      const next = readerOf(NextLocation, undefined, { acceptPropertyNames: true });
      const made = next(message(Location, { time: 1, x: 2, valid: true }));
      expect(made).toBeInstanceOf(NextLocation);
      expect(made).toEqual({ time: 1, x: 2, valid: true });
    });
  });

  describe('hostile messages', () => {
    it('do not read inherited members', () => {
      class Names {
        toString!: any;
        valueOf!: any;
      }
      Field(() => Object)(Names.prototype, 'toString');
      Field(() => Object, { optional: true })(Names.prototype, 'valueOf');
      Message()(Names);
      expect(sentence(() => readerOf(Names)({}))).toBe(
        'field toString must be JSON, but is missing. The message has nothing. If it may be missing, declare it so: @Field({ optional: true }).',
      );
      const element = readerOf(Names)({ toString: 'x' });
      expect(Object.entries(element)).toEqual([['toString', 'x']]);
    });

    it.each([
      '{"time":1,"x_m":2,"valid":true,"__proto__":{"polluted":true}}',
      '{"time":1,"x_m":2,"valid":true,"constructor":{"prototype":{"polluted":true}}}',
    ])('do not change prototypes: %s', (text) => {
      const element = readerOf(Location)(JSON.parse(text));
      expect(Object.getPrototypeOf(element)).toBe(Location.prototype);
      expect((element as any).polluted).toBeUndefined();
      expect(({} as any).polluted).toBeUndefined();
    });

    it('are not read out of an own __proto__', () => {
      const hidden = JSON.parse('{"__proto__":{"time":1,"x_m":2,"valid":true}}');
      expect(sentence(() => readerOf(Location)(hidden))).toMatch(/^field time must be a finite number, but is missing/);
    });

    it('are refused if they nest too deeply', () => {
      class Chain {
        next?: Chain;
      }
      Field(() => Chain, { optional: true })(Chain.prototype, 'next');
      Message()(Chain);
      const nested = (depth: number): unknown => JSON.parse(`${'{"next":'.repeat(depth)}{}${'}'.repeat(depth)}`);
      expect(readerOf(Chain)(nested(1000))).toBeInstanceOf(Chain);
      for (const depth of [1001, 100_000]) {
        expect(sentence(() => readerOf(Chain)(nested(depth)))).toMatch(
          / must be nested at most 1000 deep, but is deeper\.$/,
        );
      }
    });

    it('of free JSON are refused if it nests too deeply', () => {
      class Free {
        json!: unknown;
      }
      Field(() => Object)(Free.prototype, 'json');
      Message()(Free);
      const nested = (depth: number): unknown => JSON.parse(`{"json":${'['.repeat(depth)}[]${']'.repeat(depth)}}`);
      expect(readerOf(Free)(nested(1000))).toBeInstanceOf(Free);
      expect(sentence(() => readerOf(Free)(nested(1001)))).toMatch(/^field json must be nested at most 1000 deep/);
    });
  });

  it('reads BadMessage, a message class of the library', () => {
    const bad = message(BadMessage, { stream: 's', position: 1, raw: '{', error: 'broken' });
    expect(readerOf(BadMessage)({ stream: 's', position: 1, raw: '{', error: 'broken' })).toEqual(bad);
  });
});
