import type { MessageClass } from '../../base/class.js';
import type { Distance, Widen } from '../../joins/distance.js';
import type { OrderedKey } from '../../joins/windows/window.js';
import type { FlowWindow } from './flow-window.js';

/** The handling of incomplete accumulators at the end of the stream. */
export type OpenAtEnd = 'keep' | 'emit' | 'drop';

/** A window after `keyBy`, and the time of its values. */
export interface KeyedWindow<T, At extends OrderedKey> {
  /** `tumbling({ size })`, `hopping({ size, every })`, `sliding({ size })` or `session({ gap })`. */
  readonly window: FlowWindow<NoInfer<Distance<Widen<At>>>>;
  /** The time of a value: a number, a bigint or a Date. */
  readonly at: (value: T) => At;
  /**
   * How far the time of a value may be below the highest time of the lane without being late. Values wait this long. In
   * the unit of the times, for Dates in milliseconds. Default: 0, times do not decrease.
   */
  readonly wait?: NoInfer<Distance<Widen<At>>>;
  /**
   * The class of late values, which arrived when all their windows had closed. Its fields must be among `key`, `start`,
   * `end`, `value` and those of the value itself. Default: late values are only counted.
   */
  readonly late?: MessageClass<any>;
}

/** The result of a window when it closes. `start` and `end` are as in `WindowBounds`. */
export interface WindowResult<out K, out At, out V> {
  readonly key: K;
  readonly start: At;
  readonly end: At;
  readonly value: V;
}
