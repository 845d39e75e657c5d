import { DescribedExpression } from './described-expression.js';
import type { FieldSyntax } from './syntax.js';

/**
 * The fields, each as a path of properties, by which a stream can be sorted so that the expression does not decrease along
 * it; undefined if its form does not tell, as of a function.
 */
export function sortFieldsOf(expression: object): readonly (readonly string[])[] | undefined {
  if (!DescribedExpression.is(expression) || expression.code === undefined) return undefined;
  let formula = expression.formula('sort');
  if (formula.form === 'tuple') {
    const { parts } = formula;
    // Equal values of what is computed of a field may come of different ones, which the next part would not follow.
    const areFields = parts.every((part) => part.form === 'field');
    return areFields ? (parts as readonly FieldSyntax[]).map(({ path }) => path) : undefined;
  }
  if (!expression.order.keeps) return undefined;
  while (formula.form === 'arithmetic' && formula.right.form === 'constant') formula = formula.left;
  return formula.form === 'field' ? [formula.path] : undefined;
}
