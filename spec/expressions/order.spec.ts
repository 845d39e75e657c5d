import type { Expression, NumberExpression } from '../../lib/expressions/expression.js';
import { field } from '../../lib/expressions/field.js';
import { toExpression } from '../../lib/expressions/to-expression.js';
import { tuple } from '../../lib/expressions/tuple.js';
import { Random } from '../support/random.js';
import { Sample } from './model.js';

const time = field(Sample, 'time');
const x = field(Sample, 'x');
const seq = field(Sample, 'seq');

test.each<[Expression<any, unknown>]>([
  [time],
  [time.plus(10)],
  [time.minus(10)],
  [time.times(2).dividedBy(3).floorDiv(4)],
  [time.times(-2).times(-1)],
  [time.times(-2).dividedBy(-1)],
  [time.minus(x.times(-1))],
  [time.times(0)],
  [seq.floorDiv(2n).plus(1n)],
  [field(Sample, 'name')],
  [field(Sample, 'place').at('lat')],
  [tuple(time, x.mod(7))],
  [tuple(time, x.times(-1))],
])('%s keeps the order', (expression) => {
  expect(expression.order).toEqual({ keeps: true });
});

test.each<[Expression<any, unknown>]>([
  [time.plus(x)],
  [time.minus(x)],
  [time.times(x)],
  [time.dividedBy(x)],
  [time.floorDiv(x)],
  [time.plus(x.mod(7))],
  [time.minus(x.mod(7))],
  [toExpression((sample: Sample) => -sample.time, 'the key')],
])('%s may keep the order: it is checked at run time', (expression) => {
  expect(expression.order).toEqual({ keeps: true });
});

test.each<[Expression<any, unknown>, string]>([
  [time.times(-1), 'Sample.time * -1 decreases while its field increases'],
  [time.times(-1).plus(100), 'Sample.time * -1 + 100 decreases while its field increases'],
  [time.dividedBy(-2), 'Sample.time / -2 decreases while its field increases'],
  [time.floorDiv(-2), 'Sample.time // -2 decreases while its field increases'],
  [time.times(-1).plus(x.times(-1)), 'Sample.time * -1 + Sample.x * -1 decreases while its field increases'],
  [seq.times(-1n), 'Sample.seq * -1n decreases while its field increases'],
  [time.mod(7), 'Sample.time % 7 starts again from a low value whenever it has reached its divisor'],
  [time.mod(x), 'Sample.time % Sample.x starts again from a low value whenever it has reached its divisor'],
  [time.mod(7).times(-1).plus(1), 'Sample.time % 7 * -1 + 1 starts again'],
  [tuple(time.mod(7), x), "the tuple's first component Sample.time % 7 starts again"],
  [tuple(time.times(-1), x), "the tuple's first component Sample.time * -1 decreases"],
])('%s does not keep the order', (expression, reason) => {
  expect(expression.order).toMatchObject({ keeps: false, reason: expect.stringContaining(reason) });
  expect(expression.order).toMatchObject({ fix: expect.stringContaining('(element) => …') });
});

test('an expression over one field that keeps the order never decreases while the field increases', () => {
  const seed = 5;
  const random = new Random(seed);
  const constants = [-3, -1, -0.5, 0.5, 1, 2, 7];
  let keeping = 0;
  for (let i = 0; i < 500; i++) {
    let key: NumberExpression<Sample> = time;
    for (let depth = random.int(5); depth > 0; depth--) {
      const operator = random.pick(['plus', 'minus', 'times', 'dividedBy', 'floorDiv', 'mod'] as const);
      key = key[operator](random.pick(constants));
    }
    if (!key.order.keeps) continue;
    keeping++;
    const values = Array.from({ length: 60 }, (_, at) => key.evaluate({ time: at * 3 - 90 } as Sample));
    const sorted = [...values].sort((a, b) => a - b);
    expect({ seed, key: String(key), values }).toEqual({ seed, key: String(key), values: sorted });
  }
  expect(keeping).toBeGreaterThan(100);
});
