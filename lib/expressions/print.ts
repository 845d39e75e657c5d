import { classNameOf } from './class-name.js';
import type { ArithmeticSyntax, Formula, Syntax } from './syntax.js';

/** An expression as one would write it: `(RobotLocation.time + 10) * 2`, `(Flight.t, Flight.origin)`, `function`. */
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

const identifier = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;

function access(name: string): string {
  return identifier.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
}

function printArithmetic(syntax: ArithmeticSyntax): string {
  const { operator, left, right } = syntax;
  const level = precedence(syntax);
  const a = precedence(left) < level ? `(${print(left)})` : print(left);
  // `x + -10` reads better as `x - 10`.
  if (right.form === 'constant' && right.value < 0 && level === ADDITION) {
    return `${a} ${operator === '+' ? '-' : '+'} ${print({ form: 'constant', value: -right.value })}`;
  }
  const b = precedence(right) <= level ? `(${print(right)})` : print(right);
  return `${a} ${operator} ${b}`;
}

const ADDITION = 1;
const MULTIPLICATION = 2;
const ATOM = 3;

function precedence(formula: Formula): number {
  if (formula.form !== 'arithmetic') return ATOM;
  return formula.operator === '+' || formula.operator === '-' ? ADDITION : MULTIPLICATION;
}
