import type { Class, MessageClass } from '../../base/class.js';
import type { BoundsOf, WindowBounds } from '../../joins/window-bounds.js';
import type { IsAny } from '../../messages/init.js';
import type { TableClass } from '../../tables/make-table.js';
import type { Table } from '../../tables/table.js';
import type { DataKey } from '../plan/data-key.js';
import type { Origin } from '../plan/origin.js';

/**
 * Names an object of a container: a class, or whatever else the container knows (a string, a symbol, an
 * `InjectionToken`).
 */
export type Token<T = unknown> = Class<T> | string | symbol | { readonly token: unknown };

/**
 * The types of tokens: the instance of a class; the borders of the source's window; about any other token the compiler
 * knows nothing.
 */
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

/** `unknown` where a method with parameters `P` may have `N` calls in progress; else what is wrong. */
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
   * The classes of the results; each goes to the stream of its class. `[]`: side effects only. Default: the return
   * annotation, which shows only one message class or `void`; for `processFunction`: none.
   */
  readonly emits?: E;
  /**
   * Tokens of the parameters after the joins, in their order. With it no metadata is needed. A `WindowBounds`,
   * `Origin` or `DataKey` in it is that of the call. Default: what the metadata of the parameters shows.
   */
  readonly inject?: readonly Token[];
  /** What happens if a call throws, or returns a result that cannot be written. Default: `fail`. */
  readonly onError?: OnError;
  /**
   * How many async calls of a lane may be in progress at once, for example to a service that answers several requests at a
   * time. Results are written, and positions move, in the order of the calls, as with one at a time. A call that fails lets
   * those before it finish, and drops those after it. Default: 1. Calls that return no promise are made one by one. Not with a
   * table, whose calls come one at a time.
   */
  readonly concurrency?: number;
}

/**
 * What happens if a call throws, or returns a result that cannot be written. `fail` ends the run, and no position moves past
 * the element. `skip` counts it and continues. `deadLetter` writes the master element with its error, as an element of that class, and continues: `BadMessage`, or
 * any message class that has some of its fields (`stream`, `position`, `raw`, `error`). The results of such a
 * call are dropped.
 */
export type OnError = 'fail' | 'skip' | { readonly deadLetter: MessageClass<any> };
