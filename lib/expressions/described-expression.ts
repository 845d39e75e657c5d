import type { Class } from '../base/class.js';
import { functionText } from '../base/function-text.js';
import { sharedClass } from '../base/loaded-copies.js';
import { showAs, shownValue } from '../base/shown-value.js';
import { WaterMillError } from '../base/watermill-error.js';
import { commonClass } from './common-class.js';
import { constantOperand } from './constant-operand.js';
import { codeOf, type Evaluate, evaluatorOf } from './evaluate.js';
import type { Expression } from './expression.js';
import { inferType } from './infer-type.js';
import { furtherName } from './one-name.js';
import { type Operator, type OperatorMethod, operatorRow } from './operators.js';
import { orderOf } from './order.js';
import type { OrderVerdict } from './order-verdict.js';
import { print } from './print.js';
import type { Formula, Syntax } from './syntax.js';
import type { ValueType } from './value-type.js';

/**
 * The only implementation of expressions. Its types alone determine which methods a user sees. An operator without its
 * method in `Expression` and here does not compile.
 */
@sharedClass('DescribedExpression')
export class DescribedExpression implements Expression<any, any>, Pick<Expression<any, any>, OperatorMethod> {
  readonly what = 'expression';
  readonly #syntax: Syntax;
  // Created at its first use: most expressions are only steps towards the one that is used as a key.
  #evaluate: Evaluate | undefined;

  constructor(
    syntax: Syntax,
    readonly of: Class | undefined,
  ) {
    this.#syntax = syntax;
    inferType(syntax);
    Object.freeze(showAs(this, () => `the expression ${this}`));
  }

  static is(value: unknown): value is DescribedExpression {
    return typeof value === 'object' && value !== null && #syntax in value;
  }

  get evaluate(): Evaluate {
    this.#evaluate ??= evaluatorOf(this.#syntax);
    return this.#evaluate;
  }

  /** The code of the expression in generated code; undefined for a function. */
  get code(): string | undefined {
    return this.#syntax.form === 'function' ? undefined : codeOf(this.#syntax);
  }

  get order(): OrderVerdict {
    return orderOf(this.#syntax);
  }

  get valueType(): ValueType | undefined {
    return inferType(this.#syntax);
  }

  plus(operand: unknown): DescribedExpression {
    return this.#combine('+', operand);
  }

  minus(operand: unknown): DescribedExpression {
    return this.#combine('-', operand);
  }

  times(operand: unknown): DescribedExpression {
    return this.#combine('*', operand);
  }

  dividedBy(operand: unknown): DescribedExpression {
    return this.#combine('/', operand);
  }

  floorDiv(operand: unknown): DescribedExpression {
    return this.#combine('//', operand);
  }

  mod(operand: unknown): DescribedExpression {
    return this.#combine('%', operand);
  }

  at(name: string, ...further: readonly unknown[]): DescribedExpression {
    if (further.length > 0) throw furtherName(`(${this}).at(${shownValue(name)})`, further);
    const syntax = this.#syntax;
    if (syntax.form !== 'field' || typeof name !== 'string') {
      throw new WaterMillError(
        'WM_EXPRESSION_FIELD',
        `(${this}).at(${shownValue(name)}): at() takes the name of a field, and continues from a field that holds an object. ` +
          "Write field(C, 'a').at('b').",
        { field: String(name) },
      );
    }
    return new DescribedExpression({ ...syntax, path: [...syntax.path, name] }, this.of);
  }

  toString(): string {
    return print(this.#syntax);
  }

  /** Its text in error messages. For a function, its source and the key that it computes. */
  get inErrors(): string {
    const syntax = this.#syntax;
    if (syntax.form !== 'function') return print(syntax);
    return `function ${functionText(syntax.evaluate).replace(/^function\b\s*/, '')} (${syntax.role})`;
  }

  /** The formula, for use in a larger expression. */
  formula(purpose: string): Formula {
    if (this.#syntax.form !== 'function') return this.#syntax;
    throw new WaterMillError(
      'WM_EXPRESSION_OPERAND',
      `${purpose}: a function cannot be a part of an expression. Compute the whole key in the function.`,
      { found: 'function' },
    );
  }

  #combine(operator: Operator, operand: unknown): DescribedExpression {
    const purpose = `(${this}).${operatorRow(operator).method}(${shownValue(operand)})`;
    const left = this.formula(purpose);
    if (!DescribedExpression.is(operand)) {
      return new DescribedExpression(
        { form: 'arithmetic', operator, left, right: constantOperand(operand, operator, purpose) },
        this.of,
      );
    }
    const right = operand.formula(purpose);
    return new DescribedExpression(
      { form: 'arithmetic', operator, left, right },
      commonClass([this, operand], purpose),
    );
  }
}
