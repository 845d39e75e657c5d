import { unicodePattern } from '../base/unicode-pattern.js';
import { classNameOf } from './class-name.js';
import { operatorRow } from './operators.js';
import type { ArithmeticSyntax, Formula, Syntax } from './syntax.js';

/** An expression as text: `(RobotLocation.time + 10) * 2`, `(Flight.t, Flight.origin)`, `function`. */
export function print(syntax: Syntax): string {
  switch (syntax.form) {
    case 'field':
      return classNameOf(syntax.of) + syntax.path.map(access).join('');
    case 'constant':
      return typeof syntax.value === 'bigint' ? `${syntax.value}n` : String(syntax.value);
    case 'arithmetic':
      return printArithmetic(syntax);
    case 'tuple':
      return `(${syntax.parts.map(print).join(', ')})`;
    case 'function':
      return 'function';
  }
}

const plainIdentifier = /^[A-Za-z$_][\w$]*$/;
const identifier = unicodePattern(String.raw`^[\p{ID_Start}$_][\p{ID_Continue}$]*$`);

function access(name: string): string {
  return plainIdentifier.test(name) || identifier().test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
}

function printArithmetic(syntax: ArithmeticSyntax): string {
  const { operator, left, right } = syntax;
  const level = precedence(syntax);
  const a = precedence(left) < level ? `(${print(left)})` : print(left);
  // `x + -10` reads better as `x - 10`.
  const turned = operator === '+' ? '-' : operator === '-' ? '+' : undefined;
  if (turned !== undefined && right.form === 'constant' && right.value < 0) {
    return `${a} ${turned} ${print({ form: 'constant', value: -right.value })}`;
  }
  const b = precedence(right) <= level ? `(${print(right)})` : print(right);
  return `${a} ${operator} ${b}`;
}

/** A single term binds most strongly. */
function precedence(formula: Formula): number {
  return formula.form === 'arithmetic' ? operatorRow(formula.operator).precedence : Number.POSITIVE_INFINITY;
}
