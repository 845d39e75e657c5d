import { Field, Message, type MessageClass, message } from 'watermill';
import { byteWriterOf, writerOf } from '../../lib/messages/index.js';
import { cases } from '../support/cases.js';
import { Random } from '../support/random.js';

@Message()
class Flat {
  @Field() n!: number;
  @Field({ name: 'a "quoted" name' }) text!: string;
  @Field() yes!: boolean;
}

const before = ',\n';
const after = ' ';
const { write, mostBytes } = byteWriterOf(Flat, before, after)!;
const textOf = writerOf(Flat);

function bytesOf(element: unknown, at = 3): string | undefined {
  const bytes = Buffer.alloc(at + mostBytes + 8, '#');
  const end = write(element, bytes, at);
  if (end < 0) return undefined;
  expect(bytes.subarray(0, at).toString()).toBe('#'.repeat(at));
  expect(end - at).toBeLessThanOrEqual(mostBytes);
  return bytes.toString('latin1', at, end);
}

const flat = (n: unknown, ...[text, yes]: unknown[]) => Object.assign(new Flat(), { n, text, yes });
const number = (n: unknown) => flat(n, 'x', true);

const wholes = [0, 9, 10, 99, 100, 999, 1_000, 9_999, 10_000, 99_999, 100_000, 999_999, 1_000_000, 9_999_999].concat([
  10_000_000,
  99_999_999,
  100_000_000,
  999_999_999,
  1_000_000_000,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32,
  2 ** 53,
  1e21,
]);
const fractions = [
  0.1, 0.003999999999999915, -12.04, 5e-324, 1.7976931348623157e308, -2.2250738585072014e-308, 1e-7,
  -0.0000074191856678619965,
];
const texts = ['', 'plain', ' ~!#[]', 'x'.repeat(48)];

describe('the byte writer', () => {
  test.each([...wholes, ...wholes.map((n) => -n), ...fractions, -(2 ** 31) + 1])('writes the number %p', (n) => {
    expect(bytesOf(number(n))).toBe(`${before}${textOf(number(n))}${after}`);
  });

  test.each(texts)('writes the string %p', (text) => {
    expect(bytesOf(flat(1, text, false))).toBe(`${before}${textOf(flat(1, text, false))}${after}`);
  });

  test.each([
    ...[number(Number.NaN), number(Number.POSITIVE_INFINITY), number('1'), number(null), number(undefined), number(1n)],
    ...['"', '\\', '\n', '\u007f', 'é', '漢', '\ud800', 'x'.repeat(49)].map((text) => flat(1, text, true)),
    ...[flat(1, undefined, true), flat(1, 2, true), flat(1, 'x', 1), flat(1, 'x', null), undefined, null, 1, 'x', []],
  ])('leaves %p to the text writer', (element) => {
    expect(bytesOf(element)).toBeUndefined();
  });

  test('writes random numbers as the text writer does', () => {
    const random = new Random(1);
    for (let i = 0; i < cases(2_000); i++) {
      const value = (random.float() - 0.5) * 10 ** random.int(25);
      const n = random.chance(0.5) ? value : Math.round(value);
      expect(bytesOf(number(n))).toBe(`${before}${textOf(number(n))}${after}`);
    }
  });

  test('has room for the longest numbers and strings', () => {
    @Message()
    class Long {
      @Field() n!: number;
      @Field() text!: string;
    }
    const long = message(Long, { n: -0.0000074191856678619965, text: 'x'.repeat(48) });
    const bytes = byteWriterOf(Long, '', '')!;
    expect(bytes.write(long, Buffer.alloc(200), 0)).toBe(JSON.stringify(long).length);
    expect(bytes.mostBytes).toBe(JSON.stringify(long).length);
  });

  test('exists for classes of plain fields only', () => {
    @Message()
    class Optional {
      @Field({ optional: true }) n?: number;
    }
    @Message()
    class Nested {
      @Field() flat!: Flat;
    }
    @Message()
    class Dated {
      @Field() at!: Date;
    }
    @Message()
    class Named {
      @Field({ name: 'é' }) n!: number;
    }
    const classes: MessageClass<any>[] = [Optional, Nested, Dated, Named];
    for (const each of classes) expect(byteWriterOf(each, '', '')).toBeUndefined();
    expect(bytesOf(message(Flat, { n: 1, text: 'x', yes: false }))).toBe(
      ',\n{"n":1,"a \\"quoted\\" name":"x","yes":false} ',
    );
  });
});
