import 'reflect-metadata';
import { Expose, Transform, Type } from 'class-transformer';
import * as v from 'valibot';
import { z } from 'zod';
import { Everything, everything, Location } from './model.js';
import { sentence, variants } from './support/variants.js';

describe.each(variants)('codecs, %s', (_variant, { readerOf, writerOf, plainWriterOf, message, Field, Message }) => {
  const location = message(Location, { time: 1, x: 2, valid: true });

  class Track {
    time!: number;
    at!: Date;
    inner!: Location;
    sum?: number;
  }
  Field(() => Number)(Track.prototype, 'time');
  Field(() => Date)(Track.prototype, 'at');
  Field(() => Location)(Track.prototype, 'inner');
  Message({ codec: 'class-transformer' })(Track);
  Type(() => Number)(Track.prototype, 'time');
  Type(() => Date)(Track.prototype, 'at');
  Type(() => Location)(Track.prototype, 'inner');
  Expose({ name: 'x_m' })(Location.prototype, 'x');
  Expose({ name: 'total' })(Track.prototype, 'sum');
  Transform(({ value }) => (typeof value === 'string' ? value.length : value))(Track.prototype, 'sum');
  const track = { time: 1, at: '2026-01-01T00:00:00.000Z', inner: { time: 1, x_m: 2, valid: true }, total: 'abc' };

  describe('a deserializer', () => {
    it('returns fields by property name, which are checked', () => {
      const read = readerOf(Location, { deserializer: (raw) => ({ time: raw.t, x: raw.x, valid: true, more: 1 }) });
      expect(read({ t: 1, x: 2 })).toEqual(location);
      expect(read({ t: 1, x: 2 })).toBeInstanceOf(Location);
      expect(sentence(() => read({ t: 'a', x: 2 }))).toBe('field time must be a finite number, but is the string "a".');
      expect(sentence(() => read({ t: 1, x_m: 2 }))).toBe(
        'field x must be a finite number, but is missing. The message has more, time and valid. If it may be missing, declare it so: @Field({ optional: true }).',
      );
    });

    it('may return an element, which is checked too, also inside another one', () => {
      const read = readerOf(Location, { deserializer: (raw) => message(Location, raw) });
      expect(read({ time: 1, x: 2, valid: true })).toEqual(location);
      expect(sentence(() => read({ time: 1, x: Number.NaN, valid: true }))).toBe(
        'field x must be a finite number, but is NaN.',
      );
      const readAll = readerOf(Everything, {
        deserializer: (raw) => ({
          ...raw,
          place: message(Location, { time: raw.time, x: 2, valid: true }),
          places: [],
        }),
      });
      expect(readAll({ ...everything, time: 1 }).place).toEqual(location);
      expect(sentence(() => readAll({ ...everything, time: '1' }))).toBe(
        'field place.time must be a finite number, but is the string "1".',
      );
    });

    it('may accept bytes', () => {
      const read = readerOf(Location, {
        raw: true,
        deserializer: (bytes: Uint8Array) => ({ time: bytes[0]!, x: 2, valid: true }),
      });
      expect(read(new Uint8Array([1]))).toEqual(location);
    });

    it('is not called for a value that is already an element', () => {
      const read = readerOf(Location, {
        deserializer: () => {
          throw new Error('asked');
        },
      });
      expect(read(location)).toBe(location);
    });

    it('that throws causes a bad message, with its cause', () => {
      const cause = new Error('no luck');
      const read = readerOf(Location, {
        deserializer: () => {
          throw cause;
        },
      });
      expect(sentence(() => read({}))).toBe('the deserializer threw: no luck.');
      expect(() => read({})).toThrow(expect.objectContaining({ cause }));
    });

    it.each([
      [undefined, 'nothing'],
      [null, 'null'],
      ['x', 'the string "x"'],
    ])('that returns %p causes a bad message', (given, words) => {
      expect(sentence(() => readerOf(Location, { deserializer: () => given as any })({}))).toBe(
        `the deserializer must return an element of Location or its fields, but returned ${words}.`,
      );
    });

    it('that is asynchronous is a programming error', () => {
      const misuse = expect.objectContaining({ code: 'WM_ASYNC_DESERIALIZER' });
      expect(() => readerOf(Location, { deserializer: (async () => location) as any })({})).toThrow(misuse);
      const schema = z.object({ time: z.number() }).refine(async () => true) as any;
      expect(() => readerOf(Location, { deserializer: schema })({ time: 1 })).toThrow(misuse);
    });
  });

  describe.each([
    ['zod', z.object({ time: z.coerce.number(), x: z.number(), valid: z.boolean() }), 'zod'],
    ['valibot', v.object({ time: v.pipe(v.any(), v.transform(Number)), x: v.number(), valid: v.boolean() }), 'valibot'],
  ])('a schema of %s', (_name, deserializer, vendor) => {
    const read = readerOf(Location, { deserializer });

    it('creates an element from its output', () => {
      const made = read({ time: '1', x: 2, valid: true });
      expect(made).toBeInstanceOf(Location);
      expect(made).toEqual(location);
    });

    it('reports what it rejects', () => {
      expect(sentence(() => read({ time: 1, x: 'a', valid: true }))).toMatch(
        new RegExp(`^field x: Invalid .*expected number.*\\(${vendor}\\)\\.$`, 'i'),
      );
    });
  });

  it('reports the path of a nested issue', () => {
    const nested = z.object({ items: z.array(z.object({ n: z.number() })) });
    const read = readerOf(Location, { deserializer: nested as any });
    expect(sentence(() => read({ items: [{ n: 1 }, { n: 'x' }] }))).toMatch(/^field items\[1\]\.n: /);
    expect(sentence(() => read(5))).toMatch(/^the message: /);
  });

  it('may be callable, as in arktype', () => {
    const validate = (value: any) => (value.ok ? { value: location } : { issues: [{ message: 'not ok' }] });
    const callable = Object.assign(() => 'not this', { '~standard': { version: 1 as const, vendor: 'ark', validate } });
    const read = readerOf(Location, { deserializer: callable as any });
    expect(read({ ok: true })).toStrictEqual(location);
    expect(sentence(() => read({ ok: false }))).toBe('the message: not ok (ark).');
  });

  describe('a serializer', () => {
    it('returns the value to write; bigints and Dates are written like fields', () => {
      const serializer = (element: Location) => ({ t: element.time, id: 5n, at: new Date(0), none: undefined });
      expect(writerOf(Location, { serializer })(location)).toBe('{"t":1,"id":"5","at":"1970-01-01T00:00:00.000Z"}');
      expect(plainWriterOf(Location, { serializer })(location)).toEqual({
        t: 1,
        id: '5',
        at: '1970-01-01T00:00:00.000Z',
      });
      expect(writerOf(Location, { serializer: () => new URL('http://a/') })(location)).toBe('"http://a/"');
    });

    it.each([
      [() => ({ n: Number.NaN }), 'An element of Location cannot be written: field n must be plain JSON, but is NaN.'],
      [() => undefined, 'An element of Location cannot be written: the message must be plain JSON, but is missing.'],
      [
        () => ({ at: new Date(Number.NaN) }),
        'An element of Location cannot be written: field at must be plain JSON, but is an invalid Date.',
      ],
      [
        () => {
          throw new Error('no luck');
        },
        'An element of Location cannot be written: the serializer threw: no luck.',
      ],
    ])('must not return %p', (serializer, expected) => {
      expect(sentence(() => writerOf(Location, { serializer })(location))).toBe(expected);
    });
  });

  describe('class-transformer', () => {
    const read = readerOf(Track);

    it('reads and writes by its own decorators', () => {
      const made = read(track);
      expect(made).toBeInstanceOf(Track);
      expect(made).toEqual({ time: 1, at: new Date(track.at), inner: { time: 1, x: 2, valid: true }, sum: 3 });
      expect(made.inner).toBeInstanceOf(Location);
      expect(JSON.parse(writerOf(Track)(made))).toEqual({ ...track, total: 3 });
    });

    it.each([
      [{ time: 'abc' }, 'field time must be a finite number, but is the string "abc".'],
      [{ time: '' }, 'field time must be a finite number, but is the string "".'],
      [{ time: true }, 'field time must be a finite number, but is true.'],
      [
        { at: 'soon' },
        'field at must be a Date (an ISO 8601 string, or milliseconds since 1970), but is the string "soon".',
      ],
      [
        { inner: { time: '1', x_m: 2, valid: true } },
        'field inner.time must be a finite number, but is the string "1".',
      ],
    ])('does not hide a wrong field: %p', (change, expected) => {
      expect(sentence(() => read({ ...track, ...change }))).toBe(expected);
    });

    it('is checked in its output, too', () => {
      class Bent {
        n!: number;
      }
      Field(() => Number)(Bent.prototype, 'n');
      Message({ codec: 'class-transformer' })(Bent);
      Transform(({ value }) => `${value}`)(Bent.prototype, 'n');
      expect(sentence(() => readerOf(Bent)({ n: 1 }))).toBe('field n must be a finite number, but is the string "1".');
      expect(sentence(() => writerOf(Bent)(message(Bent, { n: 'x' as any })))).toBe(
        'An element of Bent cannot be written: field n must be a finite number, but is the string "x".',
      );
    });

    it('reads and writes a class in a field of another', () => {
      class Outer {
        track!: Track;
      }
      Field(() => Track)(Outer.prototype, 'track');
      Message()(Outer);
      const made = readerOf(Outer)({ track });
      expect(made.track).toEqual(read(track));
      expect(JSON.parse(writerOf(Outer)(made))).toEqual({ track: { ...track, total: 3 } });
      expect(sentence(() => readerOf(Outer)({ track: { ...track, time: 'abc' } }))).toBe(
        'field track.time must be a finite number, but is the string "abc".',
      );
    });

    it('that throws or overflows causes a bad message', () => {
      const deep = JSON.parse(`${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`);
      expect(sentence(() => read({ ...track, deep }))).toMatch(
        /^class-transformer could not read the message: Maximum call stack/,
      );
      expect(
        sentence(() => read({ ...track, inner: { ...track.inner, more: JSON.parse('{"constructor":1}') } })),
      ).toMatch(/^class-transformer could not read the message: /);
      expect(({} as any).polluted).toBeUndefined();
    });

    it('does not change prototypes', () => {
      const made = read(JSON.parse(JSON.stringify(track).replace('{', '{"__proto__":{"polluted":true},')));
      expect((made as any).polluted).toBeUndefined();
      expect(({} as any).polluted).toBeUndefined();
    });
  });
});

it('reports that class-transformer is missing', () => {
  jest.isolateModules(() => {
    jest.doMock('class-transformer', () => {
      throw new Error("Cannot find module 'class-transformer'");
    });
    const { Field, Message, readerOf } = require('../../lib/messages/index.js');
    class Track {}
    Field(() => Number)(Track.prototype, 'n');
    Message({ codec: 'class-transformer' })(Track);
    const read = readerOf(Track);
    expect(() => read({ n: 1 })).toThrow(
      expect.objectContaining({
        code: 'WM_CLASS_TRANSFORMER_MISSING',
        message:
          "Track with codec: 'class-transformer' needs the package class-transformer, which cannot be loaded. " +
          'Run npm install class-transformer.',
      }),
    );
  });
});
