import type { Class } from '../base/class.js';
import type { FieldName, IsAny, WithoutMark } from '../messages/init.js';
import type { Key, Scalar } from './key.js';
import type { OrderVerdict } from './order-verdict.js';
import type { ValueType } from './value-type.js';

/**
 * A value computed from an element: a field, arithmetic over fields, a tuple of them, or a function of the user.
 * Expressions are immutable; each operator returns a new one. They are made by `field()` and `tuple()`.
 *
 * `T` is the class of the element, `V` the type of the value.
 */
export interface Expression<in out T, out V> {
  readonly what: 'expression';
  /** The class whose fields it reads; it also works for subclasses. Undefined for a function. */
  readonly of: Class | undefined;
  /** Whether its values never decrease while its fields never decrease, as far as its form tells. */
  readonly order: OrderVerdict;
  /** The type of its values, as far as its fields are declared. */
  readonly valueType: ValueType | undefined;
  /** Computes the value for one element. Does not use `this`, so it can be detached. */
  readonly evaluate: (element: T) => V;
  /** The expression as text: `(RobotLocation.time + 10) * 2`, `RobotLocation.time // 30`; a function is `function`. */
  toString(): string;
  /** Only for objects: see `ObjectExpression`. */
  at(this: OnlyObjectsHaveFields, name: string): unknown;
  /**
   * Only for numbers and bigints, see `NumberExpression`, and for Dates, see `DateExpression`; so are the other
   * operators.
   */
  plus(this: OnlyNumbersCalculate, operand: unknown): unknown;
  minus(this: OnlyNumbersCalculate, operand: unknown): unknown;
  times(this: OnlyNumbersCalculate, operand: unknown): unknown;
  dividedBy(this: OnlyNumbersCalculate, operand: unknown): unknown;
  floorDiv(this: OnlyNumbersCalculate, operand: unknown): unknown;
  mod(this: OnlyNumbersCalculate, operand: unknown): unknown;
}

/** The compiler's errors for operators that do not apply. */
type OnlyNumbersCalculate =
  'WaterMill: arithmetic needs a number or bigint that is never null or missing; otherwise write a function as the key, (element) => …';
type OnlyObjectsHaveFields =
  'WaterMill: .at() reads a field of an object that is never null or missing; otherwise write a function as the key, (element) => …';

/** The right side of an operator: a constant, or another expression over the same element. */
export type Operand<T, N extends number | bigint> = N | Expression<T, N>;

/**
 * An expression with arithmetic operators. Calls nest: `a.plus(1).times(2)` is `(a + 1) * 2`. A constant that is not
 * finite, a constant divisor of zero, or an operand over another class is refused with `WM_EXPRESSION_OPERAND`.
 * Arithmetic is that of JavaScript: double precision for numbers, exact for bigints.
 *
 * @example field(AudioFrame, 'timeMs').minus(500).floorDiv(40)
 */
export interface NumberExpression<T, N extends number | bigint = number> extends Expression<T, N> {
  plus(operand: Operand<T, N>): NumberExpression<T, N>;
  minus(operand: Operand<T, N>): NumberExpression<T, N>;
  /** A negative constant reverses the order: such an expression is refused as a key. */
  times(operand: Operand<T, N>): NumberExpression<T, N>;
  /** The quotient; for bigints without its fraction. */
  dividedBy(operand: Operand<T, N>): NumberExpression<T, N>;
  /** The greatest whole number not above the quotient: `-1 // 30` is -1. Prints as `//`. */
  floorDiv(operand: Operand<T, N>): NumberExpression<T, N>;
  /**
   * The remainder, with the sign of the divisor: `-1 % 30` is 29. It does not keep the order, and is refused as a key.
   */
  mod(operand: Operand<T, N>): NumberExpression<T, N>;
}

/**
 * An expression over a Date. Distances are milliseconds, as numbers. For calendar days and months, see
 * `calendarWindow`.
 *
 * @example field(Flight, 'departs').plus(30 * 60_000)
 */
export interface DateExpression<T> extends Expression<T, Date> {
  /** A Date this many milliseconds later. */
  plus(milliseconds: Operand<T, number>): DateExpression<T>;
  /** The milliseconds from another Date to this one: a number. */
  minus(date: Expression<T, Date>): NumberExpression<T>;
  /** A Date this many milliseconds earlier. */
  minus(milliseconds: Operand<T, number>): DateExpression<T>;
  /** The number of whole periods of this many milliseconds since 1970-01-01 UTC. Prints as `//`. */
  floorDiv(milliseconds: Operand<T, number>): NumberExpression<T>;
}

/** An expression over a nested object: `.at()` reads one of its fields. */
export interface ObjectExpression<T, V> extends Expression<T, V> {
  at<const K extends string>(name: NameOf<V, K>): ExpressionOf<T, ValueAt<V, K>>;
}

/** The name, if it is a field; otherwise the compiler's error. */
export type NameOf<T, K extends string> = K extends FieldName<T> ? K : FieldName<T> | NoSuchField;
export type NoSuchField = 'WaterMill: the class has no field of this name';

/** The type of a field's value. */
export type ValueAt<T, K> = K extends keyof T ? WithoutMark<T[K]> : any;

/** The operators of a field, by its type: arithmetic, nested fields, or only comparison. For `any`, all of them. */
export type ExpressionOf<T, V> =
  IsAny<V> extends true
    ? AnyExpression<T>
    : [V] extends [number]
      ? NumberExpression<T>
      : [V] extends [bigint]
        ? NumberExpression<T, bigint>
        : [V] extends [Date]
          ? DateExpression<T>
          : [V] extends [Scalar]
            ? Expression<T, V>
            : [V] extends [object]
              ? ObjectExpression<T, V>
              : Expression<T, V>;

/** An expression over a field of unknown type. */
export interface AnyExpression<T> extends NumberExpression<T, any> {
  at(name: string): AnyExpression<T>;
}

/** The type of a key argument: an expression, or a function of the element. */
export type KeyOf<T, V extends Key> = Expression<T, V> | ((element: T) => V);
