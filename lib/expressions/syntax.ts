import type { Class } from '../base/class.js';
import type { Operator } from './operators.js';

/** The syntax tree of a key expression. Printing, evaluation, type inference and order each walk this tree. */
export type Syntax = Formula | FunctionSyntax;

/** Everything except a function of the user, which is never part of a larger expression. */
export type Formula = FieldSyntax | ConstantSyntax | ArithmeticSyntax | TupleSyntax;

export interface FieldSyntax {
  readonly form: 'field';
  readonly of: Class;
  /** Property names, from the element inwards; at least one. */
  readonly path: readonly string[];
}

/** The right side of an operator. */
export interface ConstantSyntax {
  readonly form: 'constant';
  readonly value: number | bigint;
}

export interface ArithmeticSyntax {
  readonly form: 'arithmetic';
  readonly operator: Operator;
  readonly left: Formula;
  readonly right: Formula;
}

export interface TupleSyntax {
  readonly form: 'tuple';
  readonly parts: readonly Formula[];
}

/** A function of the user: an opaque key. */
export interface FunctionSyntax {
  readonly form: 'function';
  readonly evaluate: (element: any) => unknown;
  /** Which key it is, for errors: `joinWith(Weather): the left key`. */
  readonly role: string;
}

/** The constant on the right side of an operator, if it is one. */
export function constantOf(right: Formula): number | bigint | undefined {
  return right.form === 'constant' ? right.value : undefined;
}
