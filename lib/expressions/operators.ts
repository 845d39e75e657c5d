import { divide, floorDivide, floorModulo } from './division.js';
import { type Monotonicity, ofNegative, ofScaled, ofSum } from './monotonicity.js';
import { shifted } from './shifted.js';

/** The definition of an operator of key expressions. */
interface OperatorRow {
  /** The method of an expression that creates it. */
  readonly method: string;
  /** Operators with a higher precedence bind more strongly in print. */
  readonly precedence: number;
  /** It is undefined for zero on its right side. */
  readonly isDivision: boolean;
  /**
   * How the result changes, given how both sides change; `constant`: the value of the right side, if it is a constant.
   */
  monotonicity(a: Monotonicity, b: Monotonicity, constant: number | bigint | undefined): Monotonicity;
  /** `constant` as above. */
  evaluate(a: any, b: any, constant: number | bigint | undefined): any;
  /** The JavaScript code, from the code of both sides. It may call the functions of `arithmetic`. */
  code(a: string, b: string, constant: number | bigint | undefined): string;
}

const ADDITION = 1;
const MULTIPLICATION = 2;

/** For a product or quotient: only known if the right side is a constant. */
function ofProduct(a: Monotonicity, b: Monotonicity, constant: number | bigint | undefined): Monotonicity {
  if (constant !== undefined) return ofScaled(a, constant);
  return a === 'constant' && b === 'constant' ? a : 'unknown';
}

/**
 * All operators, by their symbols; `//` and `%` are floored. To add one, add its row: see
 * docs/how-to-add-an-operator.md.
 */
export const operators = {
  '+': {
    method: 'plus',
    precedence: ADDITION,
    isDivision: false,
    monotonicity: ofSum,
    evaluate: (a, b, constant) => (constant ? shifted(a, b) : a + b),
    code: (a, b, constant) => (constant ? `shifted(${a}, ${b})` : `(${a} + ${b})`),
  },
  '-': {
    method: 'minus',
    precedence: ADDITION,
    isDivision: false,
    monotonicity: (a, b) => ofSum(a, ofNegative(b)),
    evaluate: (a, b, constant) => (constant ? shifted(a, -b) : a - b),
    code: (a, b, constant) => (constant ? `shifted(${a}, -${b})` : `(${a} - ${b})`),
  },
  '*': {
    method: 'times',
    precedence: MULTIPLICATION,
    isDivision: false,
    monotonicity: ofProduct,
    evaluate: (a, b) => a * b,
    code: (a, b) => `(${a} * ${b})`,
  },
  '/': {
    method: 'dividedBy',
    precedence: MULTIPLICATION,
    isDivision: true,
    monotonicity: ofProduct,
    evaluate: divide,
    // A constant is never zero, so the plain operator is sufficient.
    code: (a, b, constant) => (constant !== undefined ? `(${a} / ${b})` : `divide(${a}, ${b})`),
  },
  '//': {
    method: 'floorDiv',
    precedence: MULTIPLICATION,
    isDivision: true,
    monotonicity: ofProduct,
    evaluate: floorDivide,
    code: (a, b, constant) => (typeof constant === 'number' ? `Math.floor(${a} / ${b})` : `floorDivide(${a}, ${b})`),
  },
  '%': {
    method: 'mod',
    precedence: MULTIPLICATION,
    isDivision: true,
    monotonicity: (a, b) => (a === 'constant' && b === 'constant' ? 'constant' : 'jumps'),
    evaluate: floorModulo,
    code: (a, b) => `floorModulo(${a}, ${b})`,
  },
} as const satisfies Record<string, OperatorRow>;

export type Operator = keyof typeof operators;

/** The methods of expressions that create operators. */
export type OperatorMethod = (typeof operators)[Operator]['method'];

export function operatorRow(operator: Operator): OperatorRow {
  return operators[operator];
}
