import type { MessageClass } from '../base/class.js';
import type { SourceArgs } from '../joins/source-args.js';
import type { Tree } from '../joins/tree.js';
import type { Init } from '../messages/init.js';
import type { Injected, Token } from '../mill/process/process-options.js';

export type OrPromise<T> = T | Promise<T>;
export type Nothing = null | undefined | void;
export type AnyIterable<T> = readonly T[] | Iterable<T> | AsyncIterable<T>;

/** A state is given as an element, or as its fields. */
export type Kept<X> = X | Init<X>;

/**
 * The value type of a source: elements for a class, arrays for a window; for a tree, or with `inject`, a tuple of all
 * parameters.
 */
export type FlowValue<S, I extends readonly Token[]> =
  S extends Tree<any, any, any>
    ? [...SourceArgs<S>, ...Injected<I, S>]
    : I extends readonly []
      ? SourceArgs<S>[0]
      : [...SourceArgs<S>, ...Injected<I, S>];

/** The compiler's error if a flow ends with a class that its values do not have. */
export interface TheValueIsNotOfTheseClasses<Value, Expected> {
  'WaterMill: the value is not of the classes in to()': never;
  value: Value;
  expected: Expected;
}

/** The compiler's error if a flow goes through a class that its values do not have. */
export interface TheValueIsNotOfThisClass<Value, Expected> {
  'WaterMill: the value is not of the class in through()': never;
  value: Value;
  expected: Expected;
}

/** The class of `through`, if the values have it. */
export type Through<T, C extends MessageClass<any>> = [T] extends [InstanceType<C> | Nothing]
  ? C
  : TheValueIsNotOfThisClass<T, InstanceType<C>>;

export type OneOrMore = readonly [MessageClass<any>, ...MessageClass<any>[]];

/** The classes of `to`, if the values have them. */
export type Emitted<T, C extends OneOrMore> = [T] extends [InstanceType<C[number]> | Nothing]
  ? C
  : TheValueIsNotOfTheseClasses<T, InstanceType<C[number]>>[];

/** What a step knows in addition to the value. */
export interface StepInfo {
  /** The lane of the call: the number of a partition; `0` for files and memory. */
  readonly lane: string;
  /**
   * The position of the master element; for a window, the lowest position in it. -1 for what steps have held until the
   * end of the stream or a timeout, when there is no element.
   */
  readonly position: number;
}

/** The limits of a list. */
export interface FlowBatchOptions {
  /** The number of values in a list. At least 1. */
  readonly size: number;
  /**
   * How long after its first value a list is passed on, however short it is. Milliseconds, on the mill's clock; a run
   * with it is not reproducible. Default: never.
   */
  readonly timeoutMs?: number;
}
