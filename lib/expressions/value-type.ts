import { WaterMillError } from '../base/watermill-error.js';
import { declaredType } from './declared-type.js';
import type { KeyType } from './key.js';
import { print } from './print.js';
import type { ArithmeticSyntax, Formula, Syntax } from './syntax.js';

/** A type of key, for a tuple the types of its parts, or `other` for what is no key (an object, an array). */
export type ValueType = Exclude<KeyType, 'tuple'> | 'other' | readonly (ValueType | undefined)[];

/**
 * The type of a value as far as it is declared, undefined where it is not. Throws `WM_EXPRESSION_OPERAND` where the
 * declarations show that an operator does not apply, `WM_EXPRESSION_FIELD` where there is no such field.
 */
export function valueTypeOf(syntax: Syntax): ValueType | undefined {
  switch (syntax.form) {
    case 'field':
      return declaredType(syntax.of, syntax.path);
    case 'constant':
      return typeof syntax.value === 'bigint' ? 'bigint' : 'number';
    case 'arithmetic':
      return arithmeticType(syntax);
    case 'tuple':
      return syntax.parts.map(valueTypeOf);
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
  const type = valueTypeOf(operand);
  if (type === undefined || type === 'number' || type === 'bigint') return type;
  throw new WaterMillError(
    'WM_EXPRESSION_OPERAND',
    `${print(whole)}: ${print(operand)} is ${describeType(type)}; one can calculate only with numbers and bigints. ` +
      'Use a field of such a type, or a function: (element) => ….',
    { expected: 'number or bigint', found: describeType(type) },
  );
}

/** `a number`, `a tuple (number, string)`, `an object or an array`. */
export function describeType(type: ValueType): string {
  if (typeof type === 'object') return `a tuple ${shape(type)}`;
  return type === 'other' ? 'an object or an array' : `a ${type}`;
}

function shape(type: ValueType | undefined): string {
  if (type === undefined) return 'unknown';
  return typeof type === 'object' ? `(${type.map(shape).join(', ')})` : type;
}

/** Whether values of these types can be compared, as far as both are known. */
export function mayCompare(a: ValueType | undefined, b: ValueType | undefined): boolean {
  if (a === undefined || b === undefined) return true;
  if (typeof a === 'object' && typeof b === 'object') {
    return a.length === b.length && a.every((part, i) => mayCompare(part, b[i]));
  }
  return a === b;
}

/** Whether a difference between two such values is a number (Dates: milliseconds) or a bigint; false: it has none. */
export function distanceType(type: ValueType | undefined): 'number' | 'bigint' | false | undefined {
  if (type === undefined || type === 'number' || type === 'bigint') return type;
  return type === 'Date' ? 'number' : false;
}
