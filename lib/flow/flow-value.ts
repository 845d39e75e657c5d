import type { MessageClass } from '../base/class.js';
import type { SourceArgs } from '../joins/source-args.js';
import type { Tree } from '../joins/tree.js';
import type { Init } from '../messages/init.js';
import type { Injected, Token } from '../mill/process/process-options.js';

export type OrPromise<T> = T | Promise<T>;
export type Nothing = null | undefined | void;
export type AnyIterable<T> = readonly T[] | Iterable<T> | AsyncIterable<T>;

/** A kept value may be given as an element, or as its fields. */
export type Kept<X> = X | Init<X>;

/** A class gives its elements, a window arrays; a tree, or `inject`, a tuple of all parameters. */
export type FlowValue<S, I extends readonly Token[]> =
  S extends Tree<any, any, any>
    ? [...SourceArgs<S>, ...Injected<I, S>]
    : I extends readonly []
      ? SourceArgs<S>[0]
      : [...SourceArgs<S>, ...Injected<I, S>];

/** What the compiler shows where a flow ends with another class than its values have. */
export interface TheValueIsNotOfTheseClasses<Value, Expected> {
  'WaterMill: the value is not of the classes in to()': never;
  value: Value;
  expected: Expected;
}

/** What the compiler shows where a flow goes through another class than its values have. */
export interface TheValueIsNotOfThisClass<Value, Expected> {
  'WaterMill: the value is not of the class in through()': never;
  value: Value;
  expected: Expected;
}

/** The class of `through`, where the values are of it. */
export type Through<T, C extends MessageClass<any>> = [T] extends [InstanceType<C> | Nothing]
  ? C
  : TheValueIsNotOfThisClass<T, InstanceType<C>>;

export type OneOrMore = readonly [MessageClass<any>, ...MessageClass<any>[]];

/** The classes of `to`, where the values are of them. */
export type Emitted<T, C extends OneOrMore> = [T] extends [InstanceType<C[number]> | Nothing]
  ? C
  : TheValueIsNotOfTheseClasses<T, InstanceType<C[number]>>[];

/** What a step knows in addition to the value. */
export interface StepInfo {
  /** The lane of the call: a partition's number; `0` for files and memory. */
  readonly lane: string;
  /** Where the master element came from; under a window the lowest position in it. */
  readonly position: number;
}

export interface FlowBatchOptions {
  /** How many values make a list. At least 1. */
  readonly size: number;
  /**
   * How long after its first value a list is passed on, however few it has. Milliseconds, by the mill's clock; with it a run is
   * not reproducible. Default: never.
   */
  readonly timeoutMs?: number;
}
