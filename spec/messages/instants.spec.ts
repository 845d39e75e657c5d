import { alias, Field, Message } from '../../lib/messages/index.js';
import { sentence, variants } from './support/variants.js';

@Message()
class Cut {
  @Field({ fraction: 'cut' }) at!: Date;
}

@Message()
class Strict {
  @Field() at!: Date;
  @Field(() => [Date], { optional: true }) list?: Date[];
  @Field(() => Strict, { optional: true }) inner?: Strict;
}

@Message()
class Micros {
  @Field({ iso: 'us' }) at!: bigint;
  @Field(() => [BigInt], { iso: 'us', optional: true }) list?: bigint[];
  @Field(() => BigInt, { iso: 'us', nullable: true, optional: true }) until?: bigint | null;
}

@Message()
class OtherMicros extends alias(Micros, 'OtherMicros') {}

@Message()
class Nanos {
  @Field(() => BigInt, { iso: 'ns' }) at!: bigint;
}

@Message()
class CutMicros {
  @Field(() => BigInt, { iso: 'us', fraction: 'cut' }) at!: bigint;
}

const aDate = 'a Date (an ISO 8601 string, or milliseconds since 1970)';
const waysOut =
  "A Date holds no digits below the millisecond: keep them with @Field(() => BigInt, { iso: 'us' }), or { iso: 'ns' } for " +
  "nanoseconds; or cut them with @Field(() => Date, { fraction: 'cut' }).";

describe.each(variants)('instants, %s', (_variant, { readerOf, writerOf, message }) => {
  describe('a Date field', () => {
    const read = readerOf(Strict);

    it.each(['2024-05-01T12:00:00.123456Z', '2024-05-01T12:00:00.1230001+02:00', '1969-12-31T23:59:59.9995Z'])(
      'refuses %s, and says both ways out',
      (at) => {
        expect(sentence(() => read({ at }))).toBe(`field at must be ${aDate}, but is the string "${at}". ${waysOut}`);
      },
    );

    it('refuses them in arrays and nested elements', () => {
      const good = '2024-05-01T12:00:00Z';
      const lossy = '2024-05-01T12:00:00.0001Z';
      expect(sentence(() => read({ at: good, list: [good, lossy] }))).toContain(`field list[1] must be ${aDate}, but`);
      expect(sentence(() => read({ at: good, inner: { at: lossy } }))).toContain('field inner.at must be');
    });

    it.each([-0.5, 0.5, 1714564800000.25])('refuses the number %p', (at) => {
      expect(sentence(() => read({ at }))).toBe(
        `field at must be ${aDate}, but is the number ${at}. A Date holds no digits below the millisecond: keep them ` +
          "with @Field(() => Number); or cut them with @Field(() => Date, { fraction: 'cut' }).",
      );
    });

    it('reads digits that are zero', () => {
      expect(read({ at: '2024-05-01T12:00:00.120000000Z' }).at).toEqual(new Date('2024-05-01T12:00:00.120Z'));
    });
  });

  it.each<[string | number, number]>([
    ['1969-12-31T23:59:59.9995Z', -1],
    [-0.5, -1],
    ['1970-01-01T00:00:00.0005Z', 0],
    [0.5, 0],
    ['2024-05-01T12:00:00.123999Z', 1714564800123],
    [1714564800123.999, 1714564800123],
    ['-000001-01-01T00:00:00.1239Z', Date.UTC(-1, 0, 1, 0, 0, 0, 123)],
  ])("fraction 'cut' reads %p as the millisecond at or before it", (at, expected) => {
    expect(readerOf(Cut)({ at }).at.getTime()).toBe(expected);
  });

  it.each(['2024-02-30T00:00:00.0001Z', '2016-12-31T23:59:60.5Z', '2024-01-01T24:00:00.0001Z', Number.NaN, 8.65e15])(
    'refuses %p, which is no instant, with the plain sentence',
    (at) => {
      for (const cls of [Cut, Strict]) {
        expect(sentence(() => readerOf<{ at: Date }>(cls)({ at }))).not.toContain('digits below');
        expect(sentence(() => readerOf<{ at: Date }>(cls)({ at }))).toContain(`field at must be ${aDate}, but is`);
      }
    },
  );

  describe('a bigint field in ISO 8601', () => {
    it.each([
      ['2024-05-01T12:00:00.123456Z', 1714564800123456n, '2024-05-01T12:00:00.123456Z'],
      ['2024-05-01T14:00:00.1+02:00', 1714564800100000n, '2024-05-01T12:00:00.100000Z'],
      ['2024-05-01T14:00:00.1234560000+0200', 1714564800123456n, '2024-05-01T12:00:00.123456Z'],
      ['2024-05-01', 1714521600000000n, '2024-05-01T00:00:00.000000Z'],
      ['1969-12-31T23:59:59.9995Z', -500n, '1969-12-31T23:59:59.999500Z'],
      ['1969-12-31T23:59:59.999999Z', -1n, '1969-12-31T23:59:59.999999Z'],
      ['-000001-01-01T00:00:00.000001Z', -62198755199999999n, '-000001-01-01T00:00:00.000001Z'],
    ])('reads %s as %p microseconds, and writes it back', (text, at, written) => {
      expect(readerOf(Micros)({ at: text }).at).toBe(at);
      expect(readerOf(OtherMicros)({ at: text }).at).toBe(at);
      expect(writerOf(Micros)(message(Micros, { at }))).toBe(`{"at":"${written}"}`);
    });

    it('reads nine digits as nanoseconds', () => {
      const at = '2024-05-01T12:00:00.123456789Z';
      expect(readerOf(Nanos)({ at }).at).toBe(1714564800123456789n);
      expect(writerOf(Nanos)(message(Nanos, { at: 1714564800123456789n }))).toBe(`{"at":"${at}"}`);
      expect(readerOf(Nanos)({ at: '1969-12-31T23:59:59.999999999Z' }).at).toBe(-1n);
    });

    it('reads arrays, null, missing and bigints', () => {
      const at = '1970-01-01T00:00:00.000007Z';
      expect(readerOf(Micros)({ at, list: [at, at], until: null })).toEqual(
        message(Micros, { at: 7n, list: [7n, 7n], until: null }),
      );
      expect(readerOf(Micros)({ at: 5n })).toEqual(message(Micros, { at: 5n }));
      expect(writerOf(Micros)(message(Micros, { at: 7n, list: [7n], until: null }))).toBe(
        `{"at":"${at}","list":["${at}"],"until":null}`,
      );
    });

    it('refuses finer digits, unless they are cut', () => {
      expect(sentence(() => readerOf(Micros)({ at: '1969-12-31T23:59:59.9999995Z' }))).toBe(
        'field at must be microseconds since 1970 (an ISO 8601 string with at most 6 digits of a second; a bigint in ' +
          'memory), but is the string "1969-12-31T23:59:59.9999995Z". It has more digits than that: keep nanoseconds with ' +
          "{ iso: 'ns' }; or cut them with @Field(() => BigInt, { iso: 'us', fraction: 'cut' }).",
      );
      expect(sentence(() => readerOf(Nanos)({ at: '2024-01-01T00:00:00.0000000001Z' }))).toContain(
        "It has more digits than that: cut them with @Field(() => BigInt, { iso: 'ns', fraction: 'cut' }).",
      );
      expect(readerOf(CutMicros)({ at: '1969-12-31T23:59:59.9999995Z' }).at).toBe(-1n);
    });

    it.each([1714564800123, '1714564800123456', '2024-05-01T12:00:00', '2024-02-30', null, true])(
      'refuses %p',
      (at) => {
        expect(sentence(() => readerOf(Micros)({ at }))).toContain(
          'field at must be microseconds since 1970 (an ISO 8601',
        );
      },
    );

    it('refuses to write times beyond the years of ISO 8601', () => {
      const last = 8_640_000_000_000_000_000n;
      expect(writerOf(Micros)(message(Micros, { at: last }))).toBe('{"at":"+275760-09-13T00:00:00.000000Z"}');
      expect(sentence(() => writerOf(Micros)(message(Micros, { at: last + 1_000n })))).toBe(
        'An element of Micros cannot be written: field at must be microseconds since 1970 (an ISO 8601 string with at most 6 digits of ' +
          'a second; a bigint in memory), but is the bigint 8640000000000001000n. ISO 8601 is written for the years ' +
          '-271821 to 275760 only.',
      );
    });
  });
});
