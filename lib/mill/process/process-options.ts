import type { Class, MessageClass } from '../../base/class.js';
import type { BoundsOf, WindowBounds } from '../../joins/window-bounds.js';
import type { IsAny } from '../../messages/init.js';
import type { TableClass } from '../../tables/make-table.js';
import type { Table } from '../../tables/table.js';
import type { DataKey } from '../plan/data-key.js';
import type { Origin } from '../plan/origin.js';

/**
 * Identifies an object in a container: a class, or anything else that the container knows (a string, a symbol, an
 * `InjectionToken`).
 */
export type Token<T = unknown> = Class<T> | string | symbol | { readonly token: unknown };

/** The types of tokens: the instance of a class; the borders of the source's window; `any` for all other tokens. */
export type Injected<I extends readonly Token[], S = any> = {
  -readonly [K in keyof I]: I[K] extends typeof WindowBounds ? BoundsOf<S> : I[K] extends Class<infer T> ? T : any;
};

/** The parameters of `atEnd`: the injected ones, without the values of a call. */
export type AtEndArgs<I extends readonly unknown[]> = I extends readonly [infer First extends Token, ...infer Rest]
  ? [...(First extends CallValue ? [] : Injected<[First]>), ...AtEndArgs<Rest>]
  : [];

type CallValue = typeof WindowBounds | typeof Origin | typeof DataKey;

/** The compiler's error for concurrent calls with a table. */
export type OneAtATime = 'WaterMill: with a table calls come one at a time, leave concurrency out';

/** The type of `concurrency` of a process function. */
export type Concurrency<I extends readonly Token[]> = [Extract<I[number], TableClass<any, any>>] extends [never]
  ? number
  : OneAtATime;

/** `unknown` if a method with parameters `P` may have `N` calls in progress; otherwise the problem. */
export type ConcurrencyProblem<N, P extends readonly unknown[]> = [N] extends [1]
  ? unknown
  : HasTable<P> extends true
    ? OneAtATime
    : unknown;

type HasTable<P extends readonly unknown[]> = P extends readonly [infer First, ...infer Rest]
  ? IsAny<First> extends true
    ? HasTable<Rest>
    : [First] extends [Table<any, any>]
      ? true
      : HasTable<Rest>
  : false;

/** The options of a process in addition to its source. */
export interface ProcessOptions<E extends readonly MessageClass<any>[] = readonly MessageClass<any>[]> {
  /**
   * The classes of the results; each is written to the stream of its class. `[]` for side effects only. Default: the
   * return annotation, which determines only one message class or `void`; for `processFunction`: none.
   */
  readonly emits?: E;
  /**
   * Tokens of the parameters after the joins, in order. With it, no metadata is needed. `WindowBounds`, `Origin` and
   * `DataKey` are values of the call. Default: the metadata of the parameters.
   */
  readonly inject?: readonly Token[];
  /** What to do if a call throws, or returns a result that cannot be written. Default: `fail`. */
  readonly onError?: OnError;
  /**
   * The maximum number of async calls of a lane in progress at once, for example requests to a service that answers
   * several at a time. Results are written, and positions move, in the order of the calls, as with one at a time. If a
   * call fails, earlier calls are completed, and later ones are dropped. Default: 1. Calls that return no promise are
   * made one by one. Not with a table, whose calls are made one at a time.
   */
  readonly concurrency?: number;
}

/**
 * What to do if a call throws, or returns a result that cannot be written. `fail` ends the run, and no position moves
 * past the element. `skip` counts the call and continues. `deadLetter` writes the master element with its error, as an
 * element of that class, and continues: `BadMessage`, or any message class with some of its fields (`stream`,
 * `position`, `raw`, `error`). The results of the failed call are dropped.
 */
export type OnError = 'fail' | 'skip' | { readonly deadLetter: MessageClass<any> };
