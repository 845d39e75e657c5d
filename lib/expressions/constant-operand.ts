import { shownValue } from '../base/shown-value.js';
import { WaterMillError } from '../base/watermill-error.js';
import { type Operator, operatorRow } from './operators.js';
import type { ConstantSyntax } from './syntax.js';

/** Checks a constant on the right side of an operator. Throws `WM_EXPRESSION_OPERAND` if it is not usable there. */
export function constantOperand(value: unknown, operator: Operator, purpose: string): ConstantSyntax {
  const usable = typeof value === 'bigint' || (typeof value === 'number' && Number.isFinite(value));
  if (!usable) {
    throw new WaterMillError(
      'WM_EXPRESSION_OPERAND',
      `${purpose}: the operand must be a finite number, a bigint or an expression over the same class.`,
      { expected: 'a finite number, a bigint or an expression', found: shownValue(value) },
    );
  }
  if (operatorRow(operator).isDivision && (value === 0 || value === 0n)) {
    throw new WaterMillError(
      'WM_EXPRESSION_OPERAND',
      `${purpose}: division by zero has no value. Use another divisor.`,
      {
        expected: 'a divisor other than zero',
        found: shownValue(value),
      },
    );
  }
  return { form: 'constant', value };
}
