import type { MessageClass } from '../base/class.js';
import type { ProcessFunction } from '../mill/process/process-function.js';
import type { AnyIterable, Emitted, Nothing, OneOrMore, OrPromise } from './flow-value.js';

/** What a step knows besides the value. */
export interface StepInfo {
  /** The lane of the call: a partition's number; `0` for files and memory. */
  readonly lane: string;
  /** Where the master element came from; under a window the lowest position in it. */
  readonly position: number;
}

export interface FlowBatchOptions {
  /** So many values make a list. At least 1. */
  readonly size: number;
  /**
   * So long after its first value a list is given on, however few it has. Milliseconds, by the mill's clock; with it a run is
   * not reproducible. Default: never.
   */
  readonly timeoutMs?: number;
}

/**
 * Steps that each element takes, one after the other. `S` is what is read, `T` the type of the values at this point. Every
 * method gives a new flow with one more step; `to` ends it. Every function may be async: the order is kept.
 */
export interface Flow<S, out T> {
  /**
   * Ends the flow: a process function that emits these classes. Values that are undefined or null are left out.
   *
   * @throws WaterMillError `WM_FLOW` where there is no class, or one that is not a message class.
   */
  to<const C extends OneOrMore>(...classes: Emitted<T, C>): ProcessFunction<S>;
  /**
   * In the middle: what `fn` makes of the value, an element of `message`, several or nothing, goes to the stream of that
   * class, and the value goes on. All results of an element are written in the order in which the steps gave them.
   */
  tee<A>(message: MessageClass<A>, fn: (value: T) => OrPromise<A | readonly A[] | Nothing>): Flow<S, T>;
  /** Keeps the values for which `keep` gives true. Anything but true and false is an error. */
  filter<N extends T>(keep: (value: T) => value is N): Flow<S, N>;
  filter(keep: (value: T) => OrPromise<boolean>): Flow<S, T>;
  map<R>(fn: (value: T) => R): Flow<S, Awaited<R>>;
  /** As `map`, but leaves out what is undefined or null. */
  filterMap<R>(fn: (value: T) => R): Flow<S, NonNullable<Awaited<R>>>;
  /** Gives on each of what `fn` gives: an iterable, an async one, or undefined for nothing. A text is refused. */
  flatMap<R>(fn: (value: T) => OrPromise<(AnyIterable<R> & object) | undefined>): Flow<S, R>;
  /** Looks at each value. What it returns is of no account; a promise is awaited. */
  inspect(fn: (value: T, info: StepInfo) => unknown): Flow<S, T>;
  /**
   * Lists of so many values; the last one, at the end of the stream, may be shorter. Nothing is kept for it: results are
   * written, and positions move, when no list is open, so that a restart fills the same lists again.
   */
  batch(options: FlowBatchOptions): Flow<S, T[]>;
  /**
   * As `map`, with up to so many async calls in progress at once, in a lane; results keep the order of the values. Where the
   * flow has a `batch`, these are of one element.
   */
  parallel<R>(calls: number, fn: (value: T) => R): Flow<S, Awaited<R>>;
}
