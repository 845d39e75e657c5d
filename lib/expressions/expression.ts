import type { Class } from '../base/class.js';
import type { FieldName, IsAny, WithoutMark } from '../messages/init.js';
import type { Key, Scalar } from './key.js';
import type { OrderVerdict } from './order-verdict.js';
import type { ValueType } from './value-type.js';

/**
 * A value computed from an element: a field, arithmetic over fields, a tuple of them, or a function of the user's.
 * Expressions are frozen; each operator returns a new one. They are made by `field()` and `tuple()`.
 *
 * `T` is the class of the element, `V` the type of the value.
 */
export interface Expression<in out T, out V> {
  readonly what: 'expression';
  /** The class whose fields it reads: it fits that class and what extends it. Undefined for a function. */
  readonly of: Class | undefined;
  /** Whether its values never decrease while its fields never decrease, as far as its form tells. */
  readonly order: OrderVerdict;
  /** The type of its values, as far as the declarations of its fields tell. */
  readonly valueType: ValueType | undefined;
  /** Its value for one element. Safe to detach: it does not use `this`. */
  readonly evaluate: (element: T) => V;
  /** As one would write it: `(RobotLocation.time + 10) * 2`, `RobotLocation.time // 30`; a function is `function`. */
  toString(): string;
  /** Only of an object: see `ObjectExpression`. */
  at(this: OnlyObjectsHaveFields, name: string): unknown;
  /** Only of a number or bigint, see `NumberExpression`; of a Date, see `DateExpression`. So are the others. */
  plus(this: OnlyNumbersCalculate, operand: unknown): unknown;
  minus(this: OnlyNumbersCalculate, operand: unknown): unknown;
  times(this: OnlyNumbersCalculate, operand: unknown): unknown;
  dividedBy(this: OnlyNumbersCalculate, operand: unknown): unknown;
  floorDiv(this: OnlyNumbersCalculate, operand: unknown): unknown;
  mod(this: OnlyNumbersCalculate, operand: unknown): unknown;
}

/** What the compiler shows where an operator does not fit. */
type OnlyNumbersCalculate =
  'WaterMill: arithmetic needs a number or bigint that is never null or missing; otherwise write a function as the key, (element) => …';
type OnlyObjectsHaveFields =
  'WaterMill: .at() reads a field of an object that is never null or missing; otherwise write a function as the key, (element) => …';

/** The other side of an operator: a constant, or another expression over the same element. */
export type Operand<T, N extends number | bigint> = N | Expression<T, N>;

/**
 * An expression one can calculate with. Precedence is by nesting: `a.plus(1).times(2)` is `(a + 1) * 2`. A constant
 * that is not finite, a constant divisor of zero, or an operand over another class is refused with
 * `WM_EXPRESSION_OPERAND`. All arithmetic is JavaScript's: of numbers in double precision, of bigints exact.
 *
 * @example field(AudioFrame, 'timeMs').minus(500).floorDiv(40)
 */
export interface NumberExpression<T, N extends number | bigint = number> extends Expression<T, N> {
  plus(operand: Operand<T, N>): NumberExpression<T, N>;
  minus(operand: Operand<T, N>): NumberExpression<T, N>;
  /** A negative constant turns the order around: such an expression is refused as a key. */
  times(operand: Operand<T, N>): NumberExpression<T, N>;
  /** The quotient; of bigints without its fraction. */
  dividedBy(operand: Operand<T, N>): NumberExpression<T, N>;
  /** The greatest whole number not above the quotient: `-1 // 30` is -1. Prints as `//`. */
  floorDiv(operand: Operand<T, N>): NumberExpression<T, N>;
  /** What remains, with the divisor's sign: `-1 % 30` is 29. It does not keep order: refused as a key. */
  mod(operand: Operand<T, N>): NumberExpression<T, N>;
}

/**
 * An expression over a Date. Distances are milliseconds, as numbers. Calendar days and months have their own windows, see
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
  /** How many whole periods of this many milliseconds have passed since 1970-01-01 UTC: a number. Prints as `//`. */
  floorDiv(milliseconds: Operand<T, number>): NumberExpression<T>;
}

/** An expression over a nested object: `.at()` reads one of its fields. */
export interface ObjectExpression<T, V> extends Expression<T, V> {
  at<const K extends string>(name: NameOf<V, K>): ExpressionOf<T, ValueAt<V, K>>;
}

/** A name as it is, where it is a field; else what the compiler says of it. */
export type NameOf<T, K extends string> = K extends FieldName<T> ? K : FieldName<T> | NoSuchField;
export type NoSuchField = 'WaterMill: the class has no field of this name';

/** The type of a field's value. */
export type ValueAt<T, K> = K extends keyof T ? WithoutMark<T[K]> : any;

/** The operators of a field depend on its type: calculate, go deeper, or only compare. Of `any`, everything. */
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

/** An expression over a field of which the compiler knows nothing. */
export interface AnyExpression<T> extends NumberExpression<T, any> {
  at(name: string): AnyExpression<T>;
}

/** Wherever a key is asked for: an expression, or a function of the element. */
export type KeyOf<T, V extends Key> = Expression<T, V> | ((element: T) => V);
