import type { MessageClass } from '../../base/class.js';
import type { ParameterProblem } from '../../joins/parameters-fit.js';
import type { Source, SourceArgs } from '../../joins/source-args.js';
import type { BoundsOf } from '../../joins/window-bounds.js';
import { notesOf } from '../plan/find/process-description.js';
import { expectMethod, refuseUncalled } from './decorated-method.js';
import type { ConcurrencyProblem, ProcessOptions } from './process-options.js';
import type { ResultProblem } from './results.js';

type AnyMethodDecorator = (target: object, key: string | symbol, descriptor?: PropertyDescriptor) => void;

type EmittingMethodDecorator<E, N = 1> = <F extends (...args: any[]) => unknown>(
  target: object,
  key: string | symbol,
  descriptor?: TypedPropertyDescriptor<F> & ResultProblem<E, ReturnType<F>> & ConcurrencyProblem<N, Parameters<F>>,
) => void;

type FittingMethodDecorator<S, E, N = 1> = <F extends (...args: any[]) => unknown>(
  target: object,
  key: string | symbol,
  descriptor: TypedPropertyDescriptor<F> &
    ParameterProblem<SourceArgs<S>, BoundsOf<S>, Parameters<F>> &
    ResultProblem<E, ReturnType<F>> &
    ConcurrencyProblem<N, Parameters<F>>,
) => void;

/**
 * Marks the one method of a class that a mill calls: for every master element with its match groups, or, under a
 * window, for every window.
 *
 * Its parameters declare what it gets: first the master element (an array of them under a window), then one `Joined`
 * per edge of the tree that has groups, in tree order, depth first. Further parameters are resolved once, when the
 * mill starts, from the mill's container, by the parameter's class or by `@Inject(token)`; `WindowBounds`, `Origin` and
 * `DataKey` are values of each call.
 *
 * With a source (a tree, a window or a message class) the compiler checks the parameters against it, and the mill's
 * `joinTree` or `stream` may be left out. Misuse is found when the mill is made (codes `WM_PROCESS_…`, `WM_PARAMETER`,
 * `WM_METADATA`); on anything but a method it throws immediately (`WM_PROCESS_DECORATOR`).
 *
 * @example
 * class SpeedMeter {
 *   @Process(tree)
 *   measure(here: RobotLocation, next: Joined<RobotLocation, NextLocation>, clock: Clock): RobotSpeed { … }
 * }
 */
export function Process(): EmittingMethodDecorator<undefined>;
export function Process<S extends Source>(source: S): FittingMethodDecorator<S, undefined>;
export function Process<
  const E extends readonly MessageClass<any>[] | undefined = undefined,
  const N extends number = 1,
>(options: ProcessOptions & { readonly emits?: E; readonly concurrency?: N }): EmittingMethodDecorator<E, N>;
export function Process<
  S extends Source,
  const E extends readonly MessageClass<any>[] | undefined = undefined,
  const N extends number = 1,
>(
  source: S,
  options: ProcessOptions & { readonly emits?: E; readonly concurrency?: N },
): FittingMethodDecorator<S, E, N>;
export function Process(...given: readonly unknown[]): AnyMethodDecorator {
  refuseUncalled('@Process()', given);
  const [source, options] = isSource(given[0]) ? [given[0], given[1]] : [undefined, given[0]];
  return (target, key, descriptor) => {
    expectMethod('@Process()', target, key, descriptor);
    notesOf(target).processes.push({ key, source, options: (options ?? {}) as ProcessOptions });
  };
}

/** Distinguishes a source from options: a source is a class, or has a `what`. */
function isSource(given: unknown): given is Source {
  return typeof given === 'function' || (typeof given === 'object' && given !== null && 'what' in given);
}
