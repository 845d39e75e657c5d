import type { Expression } from '../../lib/expressions/expression.js';
import { Random } from '../support/random.js';

type Library = {
  field: typeof import('../../lib/expressions/field.js').field;
  tuple: typeof import('../../lib/expressions/tuple.js').tuple;
  model: typeof import('./model.js');
};

/** The place where copies of the library share classes: see lib/base/loaded-copies.ts. */
const copies = Symbol.for('watermill.copies.1') as unknown as keyof typeof globalThis;

/** Loads the library with generated code, or as on a host that forbids generating code: with its own classes. */
function load(generated: boolean): Library {
  let library: Library | undefined;
  const shared = globalThis[copies];
  delete (globalThis as { [copies]?: unknown })[copies];
  jest.isolateModules(() => {
    if (!generated) jest.doMock('../../lib/base/compile.js', () => ({ compile: () => undefined }));
    library = {
      field: require('../../lib/expressions/field.js').field,
      tuple: require('../../lib/expressions/tuple.js').tuple,
      model: require('./model.js'),
    };
    jest.dontMock('../../lib/base/compile.js');
  });
  Object.assign(globalThis, { [copies]: shared });
  return library as Library;
}

describe.each([
  ['generated', true],
  ['interpreted', false],
])('evaluating, %s', (_, generated) => {
  const { field, tuple, model } = load(generated);
  const { Sample } = model;
  const time = field(Sample, 'time');
  const x = field(Sample, 'x');
  const at = field(Sample, 'at');
  const seq = field(Sample, 'seq');
  const sample = (init: object) => Object.assign(new Sample(), init);

  test.each<[string, Expression<any, unknown>, object, unknown]>([
    ['a field', time, { time: 3 }, 3],
    ['plus', time.plus(10), { time: 3 }, 13],
    ['minus', time.minus(10), { time: 3 }, -7],
    ['times', time.times(-2), { time: 3 }, -6],
    ['dividedBy', time.dividedBy(2), { time: 3 }, 1.5],
    ['floorDiv', time.floorDiv(2), { time: 3 }, 1],
    ['floorDiv below zero', time.floorDiv(30), { time: -1 }, -1],
    ['floorDiv by a negative divisor', time.floorDiv(-2), { time: 3 }, -2],
    ['mod', time.mod(30), { time: 31 }, 1],
    ['mod below zero', time.mod(30), { time: -1 }, 29],
    ['mod by a negative divisor', time.mod(-30), { time: 1 }, -29],
    ['mod without a negative zero', time.mod(2), { time: -4 }, 0],
    ['plus that changes nothing', time.plus(10), { time: 2 ** 60 }, Number.NaN],
    ['minus that changes nothing', time.minus(10), { time: -(2 ** 60) }, Number.NaN],
    ['plus and minus that are rounded', time.plus(200).minus(-200), { time: 2 ** 60 }, 2 ** 60 + 512],
    ['plus zero', time.plus(0).minus(0), { time: 2 ** 60 }, 2 ** 60],
    ['nesting decides precedence', time.plus(1).times(2), { time: 3 }, 8],
    ['two fields', time.plus(x.times(2)), { time: 3, x: 4 }, 11],
    ['minus a negative constant', time.minus(-10), { time: 3 }, 13],
    ['a divisor that is a field', time.floorDiv(x), { time: -7, x: 2 }, -4],
    ['a remainder by a field', time.mod(x), { time: -7, x: 2 }, 1],
    ['a quotient by a field', time.dividedBy(x), { time: 7, x: 2 }, 3.5],
    ['Date plus', at.plus(10), { at: new Date(3) }, new Date(13)],
    ['Date plus a field', at.plus(time.times(2)), { at: new Date(3), time: 4 }, new Date(11)],
    ['Date minus', at.minus(10), { at: new Date(3) }, new Date(-7)],
    ['Date minus a negative constant', at.minus(-10), { at: new Date(3) }, new Date(13)],
    ['Date minus a Date', at.minus(at.minus(5)), { at: new Date(3) }, 5],
    ['Date floorDiv', at.floorDiv(60_000), { at: new Date(119_999) }, 1],
    ['Date floorDiv before 1970', at.floorDiv(60_000), { at: new Date(-1) }, -1],
    ['arithmetic of a Date', at.plus(10).floorDiv(7).times(2), { at: new Date(4) }, 4],
    ['no Date', at.floorDiv(7), { at: null }, Number.NaN],
    ['the time between a Date and none', at.minus(at.plus(1)), { at: undefined }, Number.NaN],
    ['no Date, later', at.plus(7).floorDiv(1), {}, Number.NaN],
    ['bigint plus', seq.plus(10n), { seq: 3n }, 13n],
    ['bigint minus a negative constant', seq.minus(-10n), { seq: 3n }, 13n],
    ['bigint dividedBy drops the fraction', seq.dividedBy(2n), { seq: -7n }, -3n],
    ['bigint floorDiv', seq.floorDiv(2n), { seq: -7n }, -4n],
    ['bigint floorDiv, exact', seq.floorDiv(2n), { seq: -8n }, -4n],
    ['bigint floorDiv, both negative', seq.floorDiv(-2n), { seq: -7n }, 3n],
    ['bigint mod', seq.mod(2n), { seq: -7n }, 1n],
    ['bigint mod by a negative divisor', seq.mod(-2n), { seq: 7n }, -1n],
    ['bigint mod, exact', seq.mod(2n), { seq: -8n }, 0n],
    ['beyond 2^53', seq.plus(1n), { seq: 9007199254740993n }, 9007199254740994n],
    ['a field of an object', field(Sample, 'place').at('lat').times(2), { place: { lat: 4 } }, 8],
    ['a field of an object that is missing', field(Sample, 'place').at('lat'), {}, undefined],
    ['a getter', field(Sample, 'end').plus(1), { time: 3 }, 9],
    ['a tuple', tuple(time.plus(1), field(Sample, 'name')), { time: 3, name: 'a' }, [4, 'a']],
  ])('%s', (_, expression, init, expected) => {
    expect(expression.evaluate(sample(init))).toStrictEqual(expected);
  });

  test('a bigint divided by a zero field is not a key, as for numbers, and does not throw', () => {
    const zero = sample({ seq: 0n, time: 0 });
    for (const key of [seq.dividedBy(seq), seq.floorDiv(seq), seq.mod(seq)]) expect(key.evaluate(zero)).toBeNaN();
    for (const key of [time.dividedBy(time), time.floorDiv(time), time.mod(time)]) expect(key.evaluate(zero)).toBeNaN();
  });

  test('names that are not identifiers, and names that would end a string', () => {
    class Odd {
      'a "quoted" name' = 1;
      'line\u2028end' = 2;
      '`a`' = 3;
    }
    const odd = new Odd();
    expect(field(Odd, 'a "quoted" name').evaluate(odd)).toBe(1);
    expect(field(Odd, 'line\u2028end').evaluate(odd)).toBe(2);
    expect(field(Odd, '`a`').evaluate(odd)).toBe(3);
  });

  test('floored division satisfies a = b * floorDiv + mod, for integers of both types', () => {
    const random = new Random(11);
    for (let i = 0; i < 2_000; i++) {
      const a = random.int(2_001) - 1_000;
      const b = random.int(40) - 20 || 1;
      const element = sample({ time: a, seq: BigInt(a) });
      const quotient = time.floorDiv(b).evaluate(element);
      const rest = time.mod(b).evaluate(element);
      expect([a, b, b * quotient + rest]).toEqual([a, b, a]);
      expect(Math.abs(rest) < Math.abs(b) && rest * b >= 0).toBe(true);
      expect(seq.floorDiv(BigInt(b)).evaluate(element)).toBe(BigInt(quotient));
      expect(seq.mod(BigInt(b)).evaluate(element)).toBe(BigInt(rest));
    }
  });

  test('evaluate can be detached', () => {
    const { evaluate } = time.plus(1);
    expect(evaluate(sample({ time: 1 }))).toBe(2);
  });
});
