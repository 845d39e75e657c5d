import { field as typedField } from '../../lib/expressions/field.js';
import { toExpression } from '../../lib/expressions/to-expression.js';
import { tuple as typedTuple } from '../../lib/expressions/tuple.js';
import { Field } from '../../lib/messages/field.js';
import { Message } from '../../lib/messages/message-decorator.js';
import { refusal } from '../support/refusal.js';
import { NextSample, Place, Sample, Unlike } from './model.js';

// As JavaScript sees them, or TypeScript with `any`: what the compiler refuses is tested in spec/types.
const field = typedField as any;
const tuple = typedTuple as any;
const time = field(Sample, 'time');

describe('a missing field', () => {
  test.each<[string, () => unknown, string]>([
    ['a wrong name', () => field(Sample, 'tyme'), 'Sample has no field "tyme". Its fields are time, x, seq, name'],
    ['a method', () => field(Sample, 'far'), 'Sample has no field "far"'],
    [
      'the name in messages',
      () => field(Sample, 'sequence_number'),
      'That is its name in messages only; the property is seq.',
    ],
    ['a wrong name inside', () => field(Sample, 'place').at('latt'), 'Place has no field "latt"'],
    ['inside a number', () => time.at('x'), 'Sample.time does not hold an object, so it has no field "x"'],
    ['at() of a calculation', () => time.plus(1).at('x'), '(Sample.time + 1).at("x"): at() takes the name of a field'],
    ['at() of a symbol', () => field(Sample, 'place').at(Symbol('a')), '.at(Symbol(a)): at() takes the name'],
    [
      'no class',
      () => field(undefined, 'time'),
      'field(undefined, "time"): the first argument must be a message class',
    ],
    ['null', () => field(null, 'time'), 'the first argument must be a message class'],
    [
      'no name',
      () => field(Sample, 3),
      'field(Sample, …): the second argument must be the name of a field, as a string, not 3.',
    ],
    [
      'a path',
      () => field(Sample, 'place', 'lat'),
      'field(Sample, "place") takes one name, and "lat" follows it. For a field of a nested object write ' +
        'field(Sample, "place").at("lat"); for a key of several fields tuple(…).',
    ],
    [
      'at() of a path',
      () => field(Sample, 'place').at('lat', 'x'),
      '(Sample.place).at("lat") takes one name, and "x" follows it.',
    ],
    ['an element', () => field({ time: 1 }, 'time'), 'field({ time: 1 }, "time"): the first argument must be'],
    ['an alias', () => field(NextSample, 'tyme'), 'NextSample has no field "tyme"'],
  ])('%s', (_, make, sentence) => {
    expect(refusal(make)).toEqual({ code: 'WM_EXPRESSION_FIELD', message: expect.stringContaining(sentence) });
  });

  test('is not refused before the class is declared; then it is found at use', () => {
    class Later {
      time!: number;
    }
    const early = field(Later, 'tyme');
    expect(early.valueType).toBeUndefined();
    Field(() => Number)(Later.prototype, 'time');
    Message()(Later);
    expect(refusal(() => early.valueType).code).toBe('WM_EXPRESSION_FIELD');
  });
});

describe('an invalid operand', () => {
  test.each<[string, () => unknown, string]>([
    ['NaN', () => time.plus(Number.NaN), '(Sample.time).plus(NaN): the operand must be a finite number'],
    ['Infinity', () => time.times(Number.POSITIVE_INFINITY), 'the operand must be a finite number'],
    ['a string', () => time.plus('10'), '(Sample.time).plus("10"): the operand must be a finite number'],
    ['undefined', () => time.plus(), '(Sample.time).plus(undefined): the operand'],
    ['null', () => time.plus(null), '(Sample.time).plus(null): the operand'],
    ['an object', () => time.plus({}), '(Sample.time).plus({}): the operand'],
    ['a function', () => time.plus(() => 1), '(Sample.time).plus(a function): the operand'],
    ['a function made an expression', () => (toExpression(() => 1, 'k') as any).plus(1), 'a function cannot be a part'],
    ['divided by zero', () => time.dividedBy(0), '(Sample.time).dividedBy(0): division by zero has no value'],
    ['divided by minus zero', () => time.dividedBy(-0), 'division by zero'],
    ['floored by zero', () => time.floorDiv(0), 'division by zero'],
    ['modulo zero', () => time.mod(0), 'division by zero'],
    ['modulo bigint zero', () => field(Sample, 'seq').mod(0n), 'division by zero'],
    [
      'another class',
      () => time.plus(field(Unlike, 'time').plus(1)),
      '.plus(the expression other.time + 1): one part reads Sample, another other',
    ],
    ['a bigint with a number', () => field(Sample, 'seq').plus(1), 'Sample.seq is a bigint and 1 a number'],
    ['a number with a bigint', () => time.plus(1n), 'Use number operands, such as 10.'],
    [
      'two fields of both kinds',
      () => time.plus(field(Sample, 'seq')),
      'Sample.time is a number and Sample.seq a bigint',
    ],
    ['a string field', () => field(Sample, 'name').plus(1), 'Sample.name is a string; arithmetic needs'],
    ['a Date times something', () => field(Sample, 'at').times(2), 'a Date has plus, minus and floorDiv'],
    [
      'a Date plus a bigint',
      () => field(Sample, 'at').plus(1n),
      'Sample.at + 1n: Sample.at is a Date, and 1n is a bigint; expected milliseconds as a number',
    ],
    [
      'a Date plus a fraction',
      () => field(Sample, 'at').plus(0.5),
      'Sample.at + 0.5: Sample.at is a Date, which holds whole milliseconds, and 0.5 is not a whole number. Round it.',
    ],
    ['a Date minus a fraction', () => field(Sample, 'at').minus(1_000 / 3), 'is not a whole number'],
    ['a Date plus a Date', () => field(Sample, 'at').plus(field(Sample, 'at')), 'expected milliseconds as a number'],
    ['a Date minus text', () => field(Sample, 'at').minus(field(Sample, 'name')), 'or another Date'],
    ['a Date below a number', () => time.minus(field(Sample, 'at')), 'Sample.at is a Date; arithmetic needs'],
    ['an object field', () => field(Sample, 'place').plus(1), 'Sample.place is an object or an array; arithmetic'],
    ['a tuple', () => tuple(time).plus(1), '(Sample.time) is a tuple (number); arithmetic needs'],
  ])('%s', (_, make, sentence) => {
    expect(refusal(make)).toEqual({ code: 'WM_EXPRESSION_OPERAND', message: expect.stringContaining(sentence) });
  });
});

test.each<[string, () => unknown, string]>([
  ['no parts', () => tuple(), 'tuple() takes one or more expressions'],
  ['a function', () => tuple(time, () => 1), '(element) => [element.a, element.b]'],
  ['a tuple inside', () => tuple(tuple(time), time), 'the parts of a tuple are single values'],
])('a tuple of %s', (_, make, sentence) => {
  expect(refusal(make)).toEqual({ code: 'WM_EXPRESSION_TUPLE', message: expect.stringContaining(sentence) });
});

test('a tuple over two classes', () => {
  expect(refusal(() => tuple(time, field(Unlike, 'time'))).code).toBe('WM_EXPRESSION_OPERAND');
});

test.each<[string, unknown, string]>([
  ['a string', 'time', 'the key is the string "time"; it must be an expression'],
  ['nothing', undefined, 'the key is undefined'],
  ['null', null, 'the key is null'],
  ['an object', {}, 'the key is an object'],
  ['a class', Sample, 'the key is the class Sample'],
  ['an async function', async () => 1, 'the key is an async function, which returns a promise and not a key'],
])('%s as a key', (_, key, sentence) => {
  expect(refusal(() => toExpression(key, 'the key'))).toEqual({
    code: 'WM_KEY',
    message: expect.stringContaining(sentence),
  });
});

test('an expression is returned unchanged; a function with a parameter called async is a function', () => {
  expect(toExpression(time, 'the key')).toBe(time);
  expect(toExpression((async: Sample) => async.time, 'the key').evaluate({ time: 4 })).toBe(4);
});

describe('an expression', () => {
  test('is frozen, and is not changed by operators', () => {
    time.plus(1);
    expect(Object.isFrozen(time)).toBe(true);
    expect(String(time)).toBe('Sample.time');
  });

  test('knows the class that it reads; for a class and its alias, the alias', () => {
    expect(time.of).toBe(Sample);
    expect(time.plus(field(NextSample, 'x')).of).toBe(NextSample);
    expect(field(NextSample, 'x').plus(time).of).toBe(NextSample);
    expect(field(Sample, 'place').at('lat').of).toBe(Sample);
    expect(toExpression(() => 1, 'the key').of).toBeUndefined();
  });

  test.each<[string, unknown, unknown]>([
    ['number', time.plus(1), 'number'],
    ['bigint', field(Sample, 'seq'), 'bigint'],
    ['string', field(Sample, 'name'), 'string'],
    ['boolean', field(Sample, 'valid'), 'boolean'],
    ['Date', field(Sample, 'at'), 'Date'],
    ['one of some strings', field(Sample, 'level'), 'string'],
    ['an object', field(Sample, 'place'), 'other'],
    ['an array', field(Sample, 'values'), 'other'],
    ['inside an object', field(Sample, 'place').at('name'), 'string'],
    ['a tuple', tuple(time, field(Sample, 'name')), ['number', 'string']],
    ['free JSON', field(Sample, 'free'), undefined],
    ['inside free JSON', field(Sample, 'free').at('a'), undefined],
    ['free JSON plus a number', field(Sample, 'free').plus(1), 'number'],
    ['a getter', field(Sample, 'end'), undefined],
    ['a class that is not a message class', field(class Plain {}, 'x'), undefined],
    ['a function', toExpression(() => 1, 'the key'), undefined],
  ])('knows the type of its values: %s', (_, expression: any, type) => {
    expect(expression.valueType).toEqual(type);
  });

  test('names its class as in the plan', () => {
    expect(String(field(Place, 'lat'))).toBe('Place.lat');
    expect(String(field(class extends Sample {}, 'x'))).toMatch(/\.x$/);
  });
});
