import { WaterMillError } from '../base/watermill-error.js';
import { commonClass } from './common-class.js';
import { DescribedExpression } from './described-expression.js';
import type { Expression } from './expression.js';
import type { Scalar } from './key.js';

/**
 * A composite key: compared by its first part, then by the next one, as SQL compares rows. Both sides of an edge need
 * the same number of parts, with the same types in the same places. The first part must keep the order by its form; the
 * order of the others within equal first parts is checked at run time.
 *
 * Throws `WM_EXPRESSION_TUPLE` without parts or with a tuple inside, `WM_EXPRESSION_OPERAND` for parts of several
 * classes.
 *
 * @example tuple(field(Trade, 'day'), field(Trade, 'symbol'))   // (Trade.day, Trade.symbol)
 */
export function tuple<T, F extends Scalar, const R extends readonly Scalar[]>(
  first: Expression<T, F>,
  ...rest: { [I in keyof R]: Expression<T, R[I]> }
): Expression<T, readonly [F, ...R]>;
export function tuple(...parts: unknown[]): unknown {
  const purpose = 'tuple(…)';
  if (parts.length === 0 || !parts.every(DescribedExpression.is)) {
    throw new WaterMillError(
      'WM_EXPRESSION_TUPLE',
      'tuple() takes one or more expressions: tuple(field(C, "a"), field(C, "b")). With functions, write the whole key ' +
        'as one: (element) => [element.a, element.b].',
      { expected: 'expressions', found: parts.length === 0 ? 'nothing' : 'something else' },
    );
  }
  const formulas = parts.map((part) => part.formula(purpose));
  if (formulas.some(({ form }) => form === 'tuple')) {
    throw new WaterMillError(
      'WM_EXPRESSION_TUPLE',
      'tuple(tuple(…), …): the parts of a tuple are single values. Give the parts of the inner tuple themselves.',
      { expected: 'number, bigint, string, boolean or Date', found: 'tuple' },
    );
  }
  return new DescribedExpression({ form: 'tuple', parts: formulas }, commonClass(parts, purpose));
}
