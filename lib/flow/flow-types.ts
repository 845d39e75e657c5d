import type { MessageClass } from '../base/class.js';
import type { Key } from '../expressions/key.js';
import type { Widen } from '../joins/distance.js';
import type { OrderedKey } from '../joins/windows/window.js';
import type { ProcessFunction } from '../mill/process/process-function.js';
import type {
  AnyIterable,
  Emitted,
  FlowBatchOptions,
  Kept,
  Nothing,
  OneOrMore,
  OrPromise,
  StepInfo,
  Through,
} from './flow-value.js';
import type { KeyedWindow, OpenAtEnd, WindowResult } from './keyed/keyed-types.js';

/**
 * The steps that each element passes through. `S` is the source, `T` the type of the values at this point. Every method
 * returns a new flow with one more step; `to` ends it. Every function may be async: the order is kept.
 */
export interface Flow<S, out T> {
  /**
   * Ends the flow: a process function that emits these classes. Values that are undefined or null are left out.
   *
   * @throws WaterMillError `WM_FLOW` if there is no class, or one that is not a message class.
   */
  to<const C extends OneOrMore>(...classes: Emitted<T, C>): ProcessFunction<S>;
  /**
   * Writes the result of `fn` for each value, an element of `message`, several or nothing, to the stream of that class,
   * and passes the value on. All results of an element are written in the order of the steps.
   */
  tee<A>(
    message: MessageClass<A>,
    fn: (value: T) => OrPromise<NoInfer<A> | readonly NoInfer<A>[] | Nothing>,
  ): Flow<S, T>;
  /** Keeps the values for which `keep` returns true. Anything but true and false is an error. */
  filter<N extends T>(keep: (value: T) => value is N): Flow<S, N>;
  filter(keep: (value: T) => OrPromise<boolean>): Flow<S, T>;
  map<R>(fn: (value: T) => R): Flow<S, Awaited<R>>;
  /** Like `map`, without values that are undefined or null. */
  filterMap<R>(fn: (value: T) => R): Flow<S, NonNullable<Awaited<R>>>;
  /**
   * Passes on each value of the result of `fn`: an iterable, an async one, or undefined for nothing. A string is
   * refused.
   */
  flatMap<R>(fn: (value: T) => OrPromise<(AnyIterable<R> & object) | undefined>): Flow<S, R>;
  /** Calls `fn` for each value. Its result is ignored; a promise is awaited. */
  inspect(fn: (value: T, info: StepInfo) => unknown): Flow<S, T>;
  /**
   * Collects lists of `size` values; the last one, at the end of the stream, may be shorter. The open list is not kept:
   * results are written, and positions move, only when no list is open, so that a restart fills the same lists again.
   */
  batch(options: FlowBatchOptions): Flow<S, T[]>;
  /**
   * Like `map`, with up to this many async calls in progress at once, per lane; results keep the order of the values.
   * If the flow has a stateful step (`batch`, or a step with a name), only calls of the same element run concurrently.
   */
  parallel<R>(calls: number, fn: (value: T) => R): Flow<S, Awaited<R>>;
  /**
   * Gives each value a key: later steps can keep state per key. On a broker with several lanes, all values of a key
   * must be in one lane, since each lane has its own state: `local: true` says that they are, or that separate states
   * are intended; without it, such a flow is refused when the mill starts.
   */
  keyBy<K extends Key>(key: (value: T) => K, options?: { readonly local?: boolean }): KeyedFlow<S, K, T>;
  /**
   * Repartitions the values: writes them to the stream of their class by a key, and continues with them by that key.
   * Values that are undefined or null are left out.
   *
   * With one lane, the elements are passed on within the call, as copies. On a broker with several lanes, the steps
   * before it and after it are stages, each with its own mill: see `runStages` and `stagesOf`. There the elements of
   * one lane keep their order, and those of different lanes are interleaved. The entry of the class must not have a
   * key: it is given here.
   *
   * @throws WaterMillError `WM_FLOW` if the class is not a message class.
   * @example
   * ```ts no-run
   * flow(PageView)
   *   .map(({ user, ms }) => message(Visit, { user, ms }))
   *   .through(Visit, (visit) => visit.user)
   *   .reduce('visits', Visits, { … })
   *   .to(Visits);
   * ```
   */
  through<C extends MessageClass<any>, K extends Key>(
    message: C & Through<T, C>,
    key: (element: InstanceType<C>) => K,
  ): KeyedFlow<S, K, InstanceType<C>>;
}

/**
 * A flow whose values have keys. Stateful steps keep state per key, in a table of the lane with the name of the step.
 * The state is committed with the results, and a restart continues with it.
 */
export interface KeyedFlow<S, K extends Key, out T> {
  filter<N extends T>(keep: (value: T, key: K) => value is N): KeyedFlow<S, K, N>;
  filter(keep: (value: T, key: K) => OrPromise<boolean>): KeyedFlow<S, K, T>;
  map<R>(fn: (value: T, key: K) => R): KeyedFlow<S, K, Awaited<R>>;
  filterMap<R>(fn: (value: T, key: K) => R): KeyedFlow<S, K, NonNullable<Awaited<R>>>;
  inspect(fn: (value: T, info: StepInfo & { readonly key: K }) => unknown): KeyedFlow<S, K, T>;
  /**
   * Computes one result per value, with a state per key. `next` returns the next state (undefined deletes it, and the
   * next value starts with `initial`) and the result (undefined for none). A state is an element of `state`, or its
   * fields.
   *
   * @throws WaterMillError `WM_FLOW` for a name that the flow uses already, or a class that is not a message class.
   */
  statefulMap<X extends object, R>(
    name: string,
    state: MessageClass<X>,
    steps: {
      readonly initial: (key: K) => Kept<NoInfer<X>>;
      readonly next: (
        state: X,
        value: T,
        key: K,
      ) => OrPromise<readonly [state: Kept<NoInfer<X>> | undefined, result: R]>;
    },
  ): Flow<S, NonNullable<R>>;
  /**
   * Combines the values of a key until the accumulator is complete; then it is passed on and deleted. `first` makes it
   * from the first value (default: the value itself, if it is an element of the class). At the end of the stream,
   * incomplete accumulators are kept for a run that continues, and counted in the report (`keep`, the default), passed
   * on (`emit`), or deleted (`drop`).
   */
  reduce<X extends object>(
    name: string,
    state: MessageClass<X>,
    steps: {
      readonly first?: (value: T, key: K) => OrPromise<Kept<NoInfer<X>>>;
      readonly add: (state: X, value: T, key: K) => OrPromise<Kept<NoInfer<X>>>;
      readonly complete: (state: X, key: K) => OrPromise<boolean>;
      readonly atEnd?: OpenAtEnd;
    },
  ): Flow<S, X>;
  /**
   * For each key and window: the first value makes the accumulator, later ones are added. It is passed on when the
   * window closes.
   */
  reduceWindow<X extends object, At extends OrderedKey>(
    name: string,
    state: MessageClass<X>,
    steps: KeyedWindow<T, At> & {
      readonly first: (value: T, key: K) => Kept<NoInfer<X>>;
      readonly add: (state: X, value: T, key: K) => Kept<NoInfer<X>>;
    },
  ): Flow<S, WindowResult<K, Widen<At>, X>>;
  /**
   * For each key and window: values are added to the accumulator that `initial` makes. It is passed on when the window
   * closes.
   */
  foldWindow<X extends object, At extends OrderedKey>(
    name: string,
    state: MessageClass<X>,
    steps: KeyedWindow<T, At> & {
      readonly initial: (key: K) => Kept<NoInfer<X>>;
      readonly add: (state: X, value: T, key: K) => Kept<NoInfer<X>>;
    },
  ): Flow<S, WindowResult<K, Widen<At>, X>>;
  /**
   * For each key and window: collects all values, in the order of their times. Values must be serializable: JSON,
   * Dates, bigints, Maps, Sets, elements of message classes.
   */
  collectWindow<At extends OrderedKey>(
    name: string,
    steps: KeyedWindow<T, At>,
  ): Flow<S, WindowResult<K, Widen<At>, T[]>>;
  /**
   * Collects lists of `size` values of a key; open lists are passed on at the end of the stream. Values as for
   * `collectWindow`.
   */
  batch(name: string, options: FlowBatchOptions): Flow<S, T[]>;
}
