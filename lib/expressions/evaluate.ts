import { compile } from '../base/compile.js';
import { arithmetic } from './arithmetic.js';
import { dateArithmetic } from './date-arithmetic.js';
import { dateOperator } from './infer-type.js';
import { operatorRow } from './operators.js';
import { type ArithmeticSyntax, constantOf, type Formula, type Syntax } from './syntax.js';

export type Evaluate = (element: any) => any;

/**
 * Makes the function that computes the expression's value for an element. It allocates nothing except the array of a
 * tuple.
 */
export function evaluatorOf(syntax: Syntax): Evaluate {
  if (syntax.form === 'function') return syntax.evaluate;
  return compile<Evaluate>(arithmetic, `return (element) => ${codeOf(syntax)};`) ?? interpreterOf(syntax);
}

/**
 * The JavaScript code of the value for a variable `element`. It contains names and constants only as literals, no data
 * of messages, and refers to `arithmetic`.
 */
export function codeOf(syntax: Formula): string {
  switch (syntax.form) {
    case 'field': {
      const [first, ...inner] = syntax.path.map((name) => `[${JSON.stringify(name)}]`);
      return `element${first}${inner.map((access) => `?.${access}`).join('')}`;
    }
    case 'constant':
      return typeof syntax.value === 'bigint' ? `(${syntax.value}n)` : `(${syntax.value})`;
    case 'tuple':
      return `[${syntax.parts.map(codeOf).join(', ')}]`;
    case 'arithmetic': {
      const { operator, left, right } = syntax;
      const ofDates = dateOperator(syntax);
      if (ofDates !== undefined) return `${ofDates.name}(${codeOf(left)}, ${codeOf(right)})`;
      return operatorRow(operator).code(codeOf(left), codeOf(right), constantOf(right));
    }
  }
}

function interpreterOf(syntax: Formula): Evaluate {
  switch (syntax.form) {
    case 'field':
      return fieldInterpreter(syntax.path);
    case 'constant':
      return () => syntax.value;
    case 'tuple': {
      const parts = syntax.parts.map(interpreterOf);
      return (element) => parts.map((part) => part(element));
    }
    case 'arithmetic':
      return arithmeticInterpreter(syntax);
  }
}

function fieldInterpreter(path: readonly string[]): Evaluate {
  const [first, ...inner] = path as readonly [string, ...string[]];
  if (inner.length === 0) return (element) => element[first];
  return (element) => {
    let value = element[first];
    for (const name of inner) value = value?.[name];
    return value;
  };
}

function arithmeticInterpreter(syntax: ArithmeticSyntax): Evaluate {
  const { operator, left, right } = syntax;
  const ofDates = dateOperator(syntax);
  const evaluate = ofDates === undefined ? operatorRow(operator).evaluate : dateArithmetic[ofDates.name];
  const constant = constantOf(right);
  const a = interpreterOf(left);
  const b = interpreterOf(right);
  return (element) => evaluate(a(element), b(element), constant);
}
