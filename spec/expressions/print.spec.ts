import type { Expression } from '../../lib/expressions/expression.js';
import { field } from '../../lib/expressions/field.js';
import { toExpression } from '../../lib/expressions/to-expression.js';
import { tuple } from '../../lib/expressions/tuple.js';
import { NextSample, Sample, Unlike } from './model.js';

const time = field(Sample, 'time');
const x = field(Sample, 'x');
const seq = field(Sample, 'seq');

test.each<[string, Expression<any, unknown>]>([
  ['Sample.time', time],
  ['Sample.time + 10', time.plus(10)],
  ['(Sample.time + 10) * 2', time.plus(10).times(2)],
  ['Sample.time * 2 + 10', time.times(2).plus(10)],
  ['Sample.time // 30', time.floorDiv(30)],
  ['Sample.time % 30', time.mod(30)],
  ['Sample.time / 2 // 3', time.dividedBy(2).floorDiv(3)],
  ['Sample.time + Sample.x * 2', time.plus(x.times(2))],
  ['Sample.time * (Sample.x + 1)', time.times(x.plus(1))],
  ['Sample.time - (Sample.x - 1)', time.minus(x.minus(1))],
  ['Sample.time - Sample.x - 1', time.minus(x).minus(1)],
  ['Sample.time / (Sample.x * 2)', time.dividedBy(x.times(2))],
  ['Sample.time - 10', time.plus(-10)],
  ['Sample.time + 10', time.minus(-10)],
  ['Sample.time * -2', time.times(-2)],
  ['Sample.time * 0.5', time.times(0.5)],
  ['Sample.seq + 10n', seq.plus(10n)],
  ['Sample.at + 60000', field(Sample, 'at').plus(60_000)],
  ['(Sample.at - 5) // 60000', field(Sample, 'at').minus(5).floorDiv(60_000)],
  ['Sample.seq - 10n', seq.plus(-10n)],
  ['Sample.place.lat + 1', field(Sample, 'place').at('lat').plus(1)],
  ['(Sample.time // 30, Sample.name)', tuple(time.floorDiv(30), field(Sample, 'name'))],
  ['NextSample.time', field(NextSample, 'time')],
  ['other.time', field(Unlike, 'time')],
])('%s', (text, expression) => {
  expect(String(expression)).toBe(text);
});

test('a name that is not an identifier is quoted', () => {
  class Odd {
    'a b' = 1;
    größe = 1;
  }
  expect(String(field(Odd, 'a b'))).toBe('Odd["a b"]');
  expect(String(field(Odd, 'größe'))).toBe('Odd.größe');
});

test('a function prints as function, whatever its source', () => {
  expect(String(toExpression((sample: Sample) => sample.time, 'the key'))).toBe('function');
});
