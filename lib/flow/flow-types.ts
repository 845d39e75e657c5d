import type { MessageClass } from '../base/class.js';
import type { Key } from '../expressions/key.js';
import type { Widen } from '../joins/distance.js';
import type { OrderedKey } from '../joins/window.js';
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
 * Steps that each element takes, one after the other. `S` is what is read, `T` the type of the values at this point. Every
 * method returns a new flow with one more step; `to` ends it. Every function may be async: the order is kept.
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
   * class, and the value is passed on. All results of an element are written in the order in which the steps gave them.
   */
  tee<A>(
    message: MessageClass<A>,
    fn: (value: T) => OrPromise<NoInfer<A> | readonly NoInfer<A>[] | Nothing>,
  ): Flow<S, T>;
  /** Keeps the values for which `keep` returns true. Anything but true and false is an error. */
  filter<N extends T>(keep: (value: T) => value is N): Flow<S, N>;
  filter(keep: (value: T) => OrPromise<boolean>): Flow<S, T>;
  map<R>(fn: (value: T) => R): Flow<S, Awaited<R>>;
  /** As `map`, but leaves out what is undefined or null. */
  filterMap<R>(fn: (value: T) => R): Flow<S, NonNullable<Awaited<R>>>;
  /** Passes on each value that `fn` returns: an iterable, an async one, or undefined for nothing. A text is refused. */
  flatMap<R>(fn: (value: T) => OrPromise<(AnyIterable<R> & object) | undefined>): Flow<S, R>;
  /** Looks at each value. What it returns is of no account; a promise is awaited. */
  inspect(fn: (value: T, info: StepInfo) => unknown): Flow<S, T>;
  /**
   * Lists of `size` values; the last one, at the end of the stream, may be shorter. Nothing is kept for it: results are
   * written, and positions move, when no list is open, so that a restart fills the same lists again.
   */
  batch(options: FlowBatchOptions): Flow<S, T[]>;
  /**
   * As `map`, with up to this many async calls in progress at once, in a lane; results keep the order of the values. Where a
   * step of the flow keeps something (`batch`, and those with a name), these are of one element.
   */
  parallel<R>(calls: number, fn: (value: T) => R): Flow<S, Awaited<R>>;
  /**
   * Gives each value a key: what follows may keep something for each key. On a broker with several lanes, values of one key
   * must come in one lane, since each lane keeps its own: `local: true` says that they do, or that this is meant; without it
   * such a flow is refused when the mill starts.
   */
  keyBy<K extends Key>(key: (value: T) => K, options?: { readonly local?: boolean }): KeyedFlow<S, K, T>;
  /**
   * Writes the values to the stream of their class, partitioned by a key that its input is not partitioned by, and continues
   * with them by that key. Values that are undefined or null are left out.
   *
   * In one lane the elements are passed on within the call, as copies. On a broker with several lanes the steps before it and
   * those after it are stages, each with its own mill: see `runStages` and `stagesOf`. There elements of one lane keep their
   * order, and those of several come mixed. The entry of the class has no key: the flow says it.
   *
   * @throws WaterMillError `WM_FLOW` where the class is not a message class.
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
 * A flow whose values have keys. Steps that keep something keep it for each key, in a table of the lane that is called by the
 * step's name, with the commit that covers it: a restart continues with it.
 */
export interface KeyedFlow<S, K extends Key, out T> {
  filter<N extends T>(keep: (value: T, key: K) => value is N): KeyedFlow<S, K, N>;
  filter(keep: (value: T, key: K) => OrPromise<boolean>): KeyedFlow<S, K, T>;
  map<R>(fn: (value: T, key: K) => R): KeyedFlow<S, K, Awaited<R>>;
  filterMap<R>(fn: (value: T, key: K) => R): KeyedFlow<S, K, NonNullable<Awaited<R>>>;
  inspect(fn: (value: T, info: StepInfo & { readonly key: K }) => unknown): KeyedFlow<S, K, T>;
  /**
   * One result for each value, made with a state of its key. `next` returns the next state (undefined: it is forgotten, and the
   * next value begins with `initial`) and what is passed on (undefined: nothing). A state is an element of `state`, or its fields.
   *
   * @throws WaterMillError `WM_FLOW` for a name that the flow has already, or a class that is not a message class.
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
   * Adds the values of a key up until the accumulator is complete; then it is passed on, and forgotten. `first` makes it of the
   * first value (default: the value itself, where it is of the class). What is not complete at the end of the stream is kept
   * for a run that continues, and counted in the report (`keep`, the default), passed on (`emit`) or forgotten (`drop`).
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
  /** For each key and window: the first value makes the accumulator, others are added. It is passed on when the window closes. */
  reduceWindow<X extends object, At extends OrderedKey>(
    name: string,
    state: MessageClass<X>,
    steps: KeyedWindow<T, At> & {
      readonly first: (value: T, key: K) => Kept<NoInfer<X>>;
      readonly add: (state: X, value: T, key: K) => Kept<NoInfer<X>>;
    },
  ): Flow<S, WindowResult<K, Widen<At>, X>>;
  /** For each key and window: values are added to what `initial` makes. It is passed on when the window closes. */
  foldWindow<X extends object, At extends OrderedKey>(
    name: string,
    state: MessageClass<X>,
    steps: KeyedWindow<T, At> & {
      readonly initial: (key: K) => Kept<NoInfer<X>>;
      readonly add: (state: X, value: T, key: K) => Kept<NoInfer<X>>;
    },
  ): Flow<S, WindowResult<K, Widen<At>, X>>;
  /** For each key and window: all values, in the order of their times. They must be such as can be kept: JSON, Dates, bigints, Maps, Sets, elements of message classes. */
  collectWindow<At extends OrderedKey>(
    name: string,
    steps: KeyedWindow<T, At>,
  ): Flow<S, WindowResult<K, Widen<At>, T[]>>;
  /** Lists of `size` values of a key; at the end of the stream those that are open. Values as of `collectWindow`. */
  batch(name: string, options: FlowBatchOptions): Flow<S, T[]>;
}
