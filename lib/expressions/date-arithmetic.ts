import { isDate, RealDate } from '../base/date.js';
import type { ValueType } from './value-type.js';

/** A Date this many milliseconds later; an invalid one (which is not a key) if the result is out of range. */
function datePlus(date: unknown, milliseconds: any): Date {
  return new RealDate(isDate(date) ? date.getTime() + milliseconds : Number.NaN);
}

/** The Date this many milliseconds earlier; for two Dates, the milliseconds between them. */
function dateMinus(date: unknown, other: any): Date | number {
  if (!isDate(other)) return datePlus(date, -other);
  return isDate(date) ? date.getTime() - other.getTime() : Number.NaN;
}

/** The number of whole periods of this many milliseconds since 1970-01-01 UTC. */
function dateFloorDiv(date: unknown, milliseconds: any): number {
  return isDate(date) ? Math.floor(date.getTime() / milliseconds) : Number.NaN;
}

/** By their names in generated code. */
export const dateArithmetic = { datePlus, dateMinus, dateFloorDiv };

/** An operator whose left side is a Date. */
export interface DateOperator {
  readonly name: keyof typeof dateArithmetic;
  /** The type of the result, by the type of the right side; undefined if the operator does not apply. */
  result(right: ValueType): ValueType | undefined;
}

/** The operators of a Date, by their symbols. */
export const dateOperators: { readonly [operator: string]: DateOperator | undefined } = {
  '+': { name: 'datePlus', result: (right) => (right === 'number' ? 'Date' : undefined) },
  '-': {
    name: 'dateMinus',
    result: (right) => (right === 'Date' ? 'number' : right === 'number' ? 'Date' : undefined),
  },
  '//': { name: 'dateFloorDiv', result: (right) => (right === 'number' ? 'number' : undefined) },
};
