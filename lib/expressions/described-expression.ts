import type { Class } from '../base/class.js';
import { WaterMillError } from '../base/watermill-error.js';
import { classNameOf } from './class-name.js';
import { type Evaluate, evaluatorOf } from './evaluate.js';
import type { Expression } from './expression.js';
import { orderOf } from './order.js';
import type { OrderVerdict } from './order-verdict.js';
import { print } from './print.js';
import { type ConstantSyntax, type Formula, isDivision, type Operator, type Syntax } from './syntax.js';
import { type ValueType, valueTypeOf } from './value-type.js';

/** The one implementation of expressions. Which of its methods a user sees is decided by the types alone. */
export class DescribedExpression implements Expression<any, any> {
  readonly what = 'expression';
  readonly #syntax: Syntax;
  // Made at first use: most expressions are only steps on the way to the one that is used as a key.
  #evaluate: Evaluate | undefined;

  constructor(
    syntax: Syntax,
    readonly of: Class | undefined,
  ) {
    this.#syntax = syntax;
    valueTypeOf(syntax);
    Object.freeze(this);
  }

  static is(value: unknown): value is DescribedExpression {
    return typeof value === 'object' && value !== null && #syntax in value;
  }

  get evaluate(): Evaluate {
    this.#evaluate ??= evaluatorOf(this.#syntax);
    return this.#evaluate;
  }

  get order(): OrderVerdict {
    return orderOf(this.#syntax);
  }

  get valueType(): ValueType | undefined {
    return valueTypeOf(this.#syntax);
  }

  plus(operand: unknown): DescribedExpression {
    return this.#combine('+', 'plus', operand);
  }

  minus(operand: unknown): DescribedExpression {
    return this.#combine('-', 'minus', operand);
  }

  times(operand: unknown): DescribedExpression {
    return this.#combine('*', 'times', operand);
  }

  dividedBy(operand: unknown): DescribedExpression {
    return this.#combine('/', 'dividedBy', operand);
  }

  floorDiv(operand: unknown): DescribedExpression {
    return this.#combine('//', 'floorDiv', operand);
  }

  mod(operand: unknown): DescribedExpression {
    return this.#combine('%', 'mod', operand);
  }

  at(name: string): DescribedExpression {
    const syntax = this.#syntax;
    if (syntax.form !== 'field' || typeof name !== 'string') {
      throw new WaterMillError(
        'WM_EXPRESSION_FIELD',
        `(${this}).at(${String(name)}): at() takes the name of a field, and goes on from a field that holds an object. ` +
          "Write field(C, 'a').at('b').",
        { field: String(name) },
      );
    }
    return new DescribedExpression({ ...syntax, path: [...syntax.path, name] }, this.of);
  }

  toString(): string {
    return print(this.#syntax);
  }

  /** What it is made of, to become a part of a larger expression. */
  formula(purpose: string): Formula {
    if (this.#syntax.form !== 'function') return this.#syntax;
    throw new WaterMillError(
      'WM_EXPRESSION_OPERAND',
      `${purpose}: a function cannot be a part of an expression. Compute the whole key in the function.`,
      { found: 'function' },
    );
  }

  #combine(operator: Operator, method: string, operand: unknown): DescribedExpression {
    const purpose = `(${this}).${method}(${describe(operand)})`;
    const left = this.formula(purpose);
    if (!DescribedExpression.is(operand)) {
      return new DescribedExpression(
        { form: 'arithmetic', operator, left, right: constant(operand, operator, purpose) },
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

function constant(value: unknown, operator: Operator, purpose: string): ConstantSyntax {
  const usable = typeof value === 'bigint' || (typeof value === 'number' && Number.isFinite(value));
  if (!usable) {
    throw new WaterMillError(
      'WM_EXPRESSION_OPERAND',
      `${purpose}: the operand must be a finite number, a bigint or an expression over the same class.`,
      { expected: 'a finite number, a bigint or an expression', found: describe(value) },
    );
  }
  if (isDivision(operator) && (value === 0 || value === 0n)) {
    throw new WaterMillError(
      'WM_EXPRESSION_OPERAND',
      `${purpose}: division by zero has no value. Use another divisor.`,
      {
        expected: 'a divisor other than zero',
        found: describe(value),
      },
    );
  }
  return { form: 'constant', value };
}

function describe(value: unknown): string {
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'function') return 'a function';
  if (DescribedExpression.is(value) || typeof value !== 'object' || value === null) return String(value);
  return 'an object';
}

/** The class whose elements have the fields of all of them: the one that extends the others. */
export function commonClass(parts: readonly DescribedExpression[], purpose: string): Class | undefined {
  let common: Class | undefined;
  for (const { of } of parts) {
    if (of === undefined || common === of) continue;
    if (common === undefined || extendsClass(of, common)) common = of;
    else if (!extendsClass(common, of)) {
      throw new WaterMillError(
        'WM_EXPRESSION_OPERAND',
        `${purpose}: one part reads ${classNameOf(common)}, another ${classNameOf(of)}; an expression reads one element. ` +
          'Use fields of one class.',
        { message: classNameOf(common), expected: classNameOf(common), found: classNameOf(of) },
      );
    }
  }
  return common;
}

/** Whether elements of `cls` are elements of `base` too: the same class, an alias of it, or a class that extends it. */
export function extendsClass(cls: Class, base: Class): boolean {
  return cls === base || cls.prototype instanceof base;
}
