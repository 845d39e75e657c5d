import { Everything, everything, Location, NextLocation } from './model.js';
import { sentence, variants } from './support/variants.js';

describe.each(variants)('writing, %s', (_variant, { readerOf, writerOf, plainWriterOf, message, Field, Message }) => {
  const write = writerOf(Everything);
  const element = (change: object): Everything => Object.assign(readerOf(Everything)(everything), change);
  const writing = (change: object): string => sentence(() => write(element(change)));
  const prefix = 'An element of Everything cannot be written: ';

  it('returns the JSON text of the fields, by their names in messages, in the order of declaration', () => {
    const location = message(Location, { time: 1, x: -0.5, valid: true });
    expect(writerOf(Location)(location)).toBe('{"time":1,"x_m":-0.5,"valid":true}');
    expect(plainWriterOf(Location)(location)).toEqual({ time: 1, x_m: -0.5, valid: true });
  });

  it('writes elements so that they read back equal', () => {
    const full = element({ note: 'n', inner: readerOf(Everything)(everything), delay: 4, rate: undefined, count: -0 });
    expect(readerOf(Everything)(JSON.parse(write(full)))).toEqual(full);
    expect(readerOf(Everything)(plainWriterOf(Everything)(full))).toEqual(full);
  });

  it('omits undefined optional fields, also the first ones', () => {
    class Sparse {
      a?: number;
      b?: number;
      c!: number;
      d?: number;
    }
    for (const key of ['a', 'b', 'd']) Field(() => Number, { optional: true })(Sparse.prototype, key);
    Field(() => Number)(Sparse.prototype, 'c');
    Message()(Sparse);
    const writeSparse = writerOf(Sparse);
    expect(JSON.parse(writeSparse(message(Sparse, { c: 1 })))).toEqual({ c: 1 });
    expect(JSON.parse(writeSparse(message(Sparse, { b: 2, c: 1 })))).toEqual({ b: 2, c: 1 });
    expect(JSON.parse(writeSparse(message(Sparse, { a: 3, b: 2, c: 1, d: 0 })))).toEqual({ a: 3, b: 2, c: 1, d: 0 });
  });

  it('writes undefined as null if the class has a default, so that it reads back as undefined', () => {
    expect(JSON.parse(write(element({ rate: undefined })))).toMatchObject({ rate: null });
  });

  it.each([
    ['count', Number.NaN, 'field count must be a finite number, but is NaN.'],
    [
      'count',
      Number.NEGATIVE_INFINITY,
      'field count must be a finite number, but is out of range (-Infinity: beyond what a number holds).',
    ],
    ['count', '1', 'field count must be a finite number, but is the string "1".'],
    [
      'count',
      undefined,
      'field count must be a finite number, but is missing. The element has size, rate, text, flag, id, at, place, color, level, mode and 7 more.',
    ],
    ['text', null, 'field text must be a string, but is null.'],
    ['flag', 0, 'field flag must be true or false, but is the number 0.'],
    ['id', 5, 'field id must be a bigint (a decimal string, or an integer up to 2^53 - 1), but is the number 5.'],
    [
      'at',
      new Date(Number.NaN),
      'field at must be a Date (an ISO 8601 string, or milliseconds since 1970), but is an invalid Date.',
    ],
    [
      'at',
      '2026-01-01',
      'field at must be a Date (an ISO 8601 string, or milliseconds since 1970), but is the string "2026-01-01".',
    ],
    ['place', { time: 1, x: 'a', valid: true }, 'field place.x must be a finite number, but is the string "a".'],
    ['place', null, 'field place must be an object with the fields of Location, but is null.'],
    ['color', 'green', 'field color must be one of "red", "blue", but is the string "green".'],
    ['numbers', [1, Number.NaN], 'field numbers[1] must be a finite number, but is NaN.'],
    ['numbers', new Array(1), 'field numbers[0] must be a finite number, but is missing.'],
    ['numbers', new Set([1]), 'field numbers must be an array, but is an object of class Set.'],
    ['grid', [[1], 2], 'field grid[1] must be an array, but is the number 2.'],
    ['free', { a: [Number.NaN] }, 'field free.a[0] must be plain JSON, but is NaN.'],
    ['free', { a: new Date(0) }, 'field free.a must be plain JSON, but is the Date 1970-01-01T00:00:00.000Z.'],
    ['free', { a: 1n }, 'field free.a must be plain JSON, but is the bigint 1n.'],
    ['free', { a: new Map() }, 'field free.a must be plain JSON, but is an object of class Map.'],
    ['free', [() => 1], 'field free[0] must be plain JSON, but is a function.'],
    ['free', [undefined], 'field free[0] must be plain JSON, but is missing.'],
    [
      'note',
      null,
      'field note must be a string, but is null. It would be read back as undefined: use that, or declare it nullable.',
    ],
    [
      'delay',
      undefined,
      'field delay must be a finite number or null, but is missing. The element has size, rate, count, text, flag, id, at, place, color, level and 7 more.',
    ],
  ])('refuses %s: %p', (field, value, expected) => {
    expect(writing({ [field]: value })).toBe(prefix + expected);
  });

  it('lists the members of the element if a name is mistyped, the likely one first', () => {
    const mistyped = Object.assign(new Location(), { tmie: 1, x: 1, valid: true });
    expect(sentence(() => writerOf(Location)(mistyped))).toBe(
      'An element of Location cannot be written: field time must be a finite number, but is missing. The element has tmie, x and valid.',
    );
  });

  it('reports the refused value for programs', () => {
    const refused = expect(() => write(element({ place: { time: 1, x: 1 } })));
    refused.toThrow(
      expect.objectContaining({
        code: 'WM_BAD_RESULT',
        details: { message: 'Everything', field: 'place.valid', expected: 'true or false', found: 'missing' },
      }),
    );
  });

  it('refuses a cycle instead of overflowing the stack', () => {
    const circle: any = element({});
    circle.inner = circle;
    expect(sentence(() => write(circle))).toMatch(/must be nested at most 1000 deep, but is deeper\.$/);
    const free: unknown[] = [];
    free.push(free);
    expect(writing({ free })).toMatch(/must be nested at most 1000 deep, but is deeper \(or holds itself\)\.$/);
  });

  it.each([null, undefined, 5, []])('refuses %p as an element', (value) => {
    expect(sentence(() => write(value as any))).toMatch(
      /^An element of Everything cannot be written: the message must be an element of Everything/,
    );
  });

  it('refuses undefined if neither null nor a missing member would read back as it', () => {
    class Both {
      n?: number | null = 1;
    }
    Field(() => Number, { optional: true, nullable: true })(Both.prototype, 'n');
    Message()(Both);
    expect(writerOf(Both)(message(Both, { n: null }))).toBe('{"n":null}');
    expect(sentence(() => writerOf(Both)(message(Both, { n: undefined })))).toBe(
      'An element of Both cannot be written: field n must be a finite number or null, but is undefined. ' +
        "It would be read back as the class's own value, and null as null: use null.",
    );
  });

  it('writes an element of a subclass as this class declares', () => {
    const next = message(NextLocation, { time: 1, x: 2, valid: true });
    expect(writerOf(Location)(next)).toBe('{"time":1,"x_m":2,"valid":true}');
  });

  it('keeps text exactly, whatever it contains', () => {
    class Text {
      text!: string;
    }
    Field(() => String)(Text.prototype, 'text');
    Message()(Text);
    for (let code = 0; code <= 0xffff; code++) {
      const text = `a${String.fromCharCode(code)}b`;
      const written = writerOf(Text)(message(Text, { text }));
      if (written !== JSON.stringify({ text })) throw new Error(`code unit ${code}: ${written}`);
    }
    const long = '"'.repeat(100);
    expect(writerOf(Text)(message(Text, { text: long }))).toBe(JSON.stringify({ text: long }));
  });

  it('writes an own __proto__ in free JSON, and reads it back', () => {
    const free = JSON.parse('{"__proto__":{"a":1}}');
    const written = write(element({ free }));
    expect(written).toContain('"free":{"__proto__":{"a":1}}');
    expect(plainWriterOf(Everything)(element({ free }))).toMatchObject({ free });
  });
});
