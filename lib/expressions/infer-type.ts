import { WaterMillError } from '../base/watermill-error.js';
import { type DateOperator, dateOperators } from './date-arithmetic.js';
import { declaredType } from './declared-type.js';
import { print } from './print.js';
import type { ArithmeticSyntax, Formula, Syntax } from './syntax.js';
import { describeType, type ValueType } from './value-type.js';

/**
 * The type of a value as far as it is declared, otherwise undefined. Throws `WM_EXPRESSION_OPERAND` if the declarations
 * show that an operator does not apply, `WM_EXPRESSION_FIELD` if there is no such field.
 */
export function inferType(syntax: Syntax): ValueType | undefined {
  switch (syntax.form) {
    case 'field':
      return declaredType(syntax.of, syntax.path);
    case 'constant':
      return typeof syntax.value === 'bigint' ? 'bigint' : 'number';
    case 'arithmetic':
      return arithmeticType(syntax);
    case 'tuple':
      return syntax.parts.map(inferType);
    case 'function':
      return undefined;
  }
}

/** The Date operator, if the left side is declared as a Date. */
export function dateOperator({ operator, left }: ArithmeticSyntax): DateOperator | undefined {
  return inferType(left) === 'Date' ? dateOperators[operator] : undefined;
}

/** Each side is inferred once: an expression may be a thousand operators deep. */
function arithmeticType(syntax: ArithmeticSyntax): ValueType | undefined {
  const leftType = inferType(syntax.left);
  const rightType = inferType(syntax.right);
  const ofDates = leftType === 'Date' ? dateOperators[syntax.operator] : undefined;
  if (ofDates !== undefined) return dateType(syntax, ofDates, rightType);
  const left = numericType(leftType, syntax.left, syntax);
  const right = numericType(rightType, syntax.right, syntax);
  if (left !== undefined && right !== undefined && left !== right) {
    throw new WaterMillError(
      'WM_EXPRESSION_OPERAND',
      `${print(syntax)}: ${print(syntax.left)} is a ${left} and ${print(syntax.right)} a ${right}; JavaScript does not ` +
        `mix them. Use ${left === 'bigint' ? 'bigint operands, such as 10n' : 'number operands, such as 10'}.`,
      { expected: left, found: right },
    );
  }
  return left ?? right;
}

function dateType(
  syntax: ArithmeticSyntax,
  { result }: DateOperator,
  right: ValueType | undefined,
): ValueType | undefined {
  if (right === undefined) return undefined;
  const type = result(right);
  if (type === 'Date') expectWholeMilliseconds(syntax);
  if (type !== undefined) return type;
  const expected = syntax.operator === '-' ? 'milliseconds as a number, or another Date' : 'milliseconds as a number';
  throw new WaterMillError(
    'WM_EXPRESSION_OPERAND',
    `${print(syntax)}: ${print(syntax.left)} is a Date, and ${print(syntax.right)} is ${describeType(right)}; expected ${expected}. ` +
      'Use a number, such as 60_000 for a minute.',
    { expected, found: describeType(right) },
  );
}

/** A Date has no fractions of a millisecond: `plus(0.5)` would be the same Date, or the next one before 1970. */
function expectWholeMilliseconds(syntax: ArithmeticSyntax): void {
  const { left, right } = syntax;
  if (right.form !== 'constant' || Number.isInteger(right.value)) return;
  throw new WaterMillError(
    'WM_EXPRESSION_OPERAND',
    `${print(syntax)}: ${print(left)} is a Date, which holds whole milliseconds, and ${print(right)} is not a whole number. Round it.`,
    { expected: 'whole milliseconds', found: print(right) },
  );
}

function numericType(type: ValueType | undefined, operand: Formula, whole: Formula): 'number' | 'bigint' | undefined {
  if (type === undefined || type === 'number' || type === 'bigint') return type;
  throw new WaterMillError(
    'WM_EXPRESSION_OPERAND',
    `${print(whole)}: ${print(operand)} is ${describeType(type)}; arithmetic needs numbers or bigints; a Date has plus, minus and floorDiv. ` +
      'Use a field of such a type, or a function: (element) => ….',
    { expected: 'number or bigint', found: describeType(type) },
  );
}
