import { isClass, type MessageClass } from '../../base/class.js';
import { madeHere } from '../../base/loaded-copies.js';
import { listed } from '../../base/shown-text.js';
import { shownValue } from '../../base/shown-value.js';
import { WaterMillError } from '../../base/watermill-error.js';
import type { Source, SourceArgs } from '../../joins/source-args.js';
import type { ProcessFunctionDescription } from '../plan/find/process-description.js';
import type { AtEndArgs, Concurrency, Injected, ProcessOptions, Token } from './process-options.js';
import type { Emitted, Results } from './results.js';

/** A process as a plain function, described by `processFunction`. */
export interface ProcessFunction<S> {
  readonly what: 'process';
  /** The tree, window or message class that it was made for. */
  readonly source: S;
}

/** A function per child class for the elements that matched nothing. */
type UnmatchedFunctions<U extends readonly MessageClass<any>[], R> = {
  readonly [K in keyof U]: readonly [message: U[K], fn: (element: InstanceType<U[K]>) => R];
};

/** The parameters, results and policies of a process function. */
export interface ProcessFunctionOptions<
  I extends readonly Token[],
  E extends readonly MessageClass<any>[],
  U extends readonly MessageClass<any>[],
> extends Omit<ProcessOptions<E>, 'inject' | 'concurrency'> {
  /** Tokens of the parameters after the joins, in order. Default: none. */
  readonly inject?: readonly [...I];
  /**
   * The maximum number of async calls of a lane in progress at once, see `ProcessOptions`. Default: 1. Not with a
   * table.
   */
  readonly concurrency?: Concurrency<I>;
  /** For children of the master: the receivers of elements that were in no group. See `Unmatched`. */
  readonly unmatched?: UnmatchedFunctions<U, Results<Emitted<E>>>;
  /**
   * Called once when the streams have ended, before the end marks, with the values of `inject` except those of a call.
   * See `AtEnd`.
   */
  readonly atEnd?: (...injected: AtEndArgs<I>) => Results<Emitted<E>>;
}

/**
 * A process as a plain function: all types are inferred from the source and the options, without decorators and
 * metadata. `fn` gets the master element (an array under a window), one `Joined` per edge that has groups, then the
 * values of `inject`. It emits nothing unless `emits` lists classes.
 *
 * @throws WaterMillError `WM_PROCESS_FUNCTION` without an object of options and a function. The options are checked when
 * the mill is made.
 * @example
 * processFunction(tree, { inject: [Clock], emits: [RobotSpeed] }, (here, next, clock) =>
 *   message(RobotSpeed, { timeFrom: here.time, timeTo: next.first(here).time, speed: clock.factor }))
 */
export function processFunction<
  S extends Source,
  const I extends readonly Token[] = [],
  const E extends readonly MessageClass<any>[] = [],
  const U extends readonly MessageClass<any>[] = [],
>(
  source: S,
  options: ProcessFunctionOptions<I, E, U>,
  fn: (...args: [...SourceArgs<S>, ...Injected<I, S>]) => Results<Emitted<E>>,
): ProcessFunction<S>;
export function processFunction(source: Source, options: any, fn: any, ...further: readonly unknown[]) {
  if (typeof fn !== 'function' || typeof options !== 'object' || options === null || further.length > 0) {
    const given = [options, fn, ...further];
    const advice = given.some(isClass)
      ? ' Streams are joined by a tree: processFunction(joinStreams(A, joinWith(B, { left, right })), options, fn).'
      : '';
    throw new WaterMillError(
      'WM_PROCESS_FUNCTION',
      'processFunction(source, options, fn): expected an object of options (at least `{}`) and a function, found ' +
        `${listed(given.map(shownValue))}.${advice}`,
    );
  }
  const description: ProcessFunctionDescription = {
    what: 'process',
    source,
    options: Object.freeze({ ...options }) as ProcessFunctionDescription['options'],
    fn,
  };
  return madeHere(Object.freeze(description)) as unknown as ProcessFunction<Source>;
}
