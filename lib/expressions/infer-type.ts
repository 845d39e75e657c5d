import { WaterMillError } from '../base/watermill-error.js';
import { declaredType } from './declared-type.js';
import { print } from './print.js';
import type { ArithmeticSyntax, Formula, Syntax } from './syntax.js';
import { describeType, type ValueType } from './value-type.js';

/**
 * The type of a value as far as it is declared, undefined where it is not. Throws `WM_EXPRESSION_OPERAND` where the
 * declarations show that an operator does not apply, `WM_EXPRESSION_FIELD` where there is no such field.
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

function arithmeticType(syntax: ArithmeticSyntax): ValueType | undefined {
  const left = numericType(syntax.left, syntax);
  const right = numericType(syntax.right, syntax);
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

function numericType(operand: Formula, whole: Formula): 'number' | 'bigint' | undefined {
  const type = inferType(operand);
  if (type === undefined || type === 'number' || type === 'bigint') return type;
  throw new WaterMillError(
    'WM_EXPRESSION_OPERAND',
    `${print(whole)}: ${print(operand)} is ${describeType(type)}; arithmetic needs numbers or bigints. ` +
      'Use a field of such a type, or a function: (element) => ….',
    { expected: 'number or bigint', found: describeType(type) },
  );
}
