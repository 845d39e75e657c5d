import { DescribedExpression } from './described-expression.js';
import type { FieldSyntax } from './syntax.js';

/**
 * The fields, as paths of properties, by which a stream must be sorted so that the expression does not decrease;
 * undefined if its form does not tell, as for a function.
 */
export function sortFieldsOf(expression: object): readonly (readonly string[])[] | undefined {
  if (!DescribedExpression.is(expression) || expression.code === undefined) return undefined;
  let formula = expression.formula('sort');
  if (formula.form === 'tuple') {
    const { parts } = formula;
    // Different values of a field may have the same computed value; the next part would then be out of order.
    const areFields = parts.every((part) => part.form === 'field');
    return areFields ? (parts as readonly FieldSyntax[]).map(({ path }) => path) : undefined;
  }
  if (!expression.order.keeps) return undefined;
  while (formula.form === 'arithmetic' && formula.right.form === 'constant') formula = formula.left;
  return formula.form === 'field' ? [formula.path] : undefined;
}
