import type { MessageClass } from '../../base/class.js';
import type { Distance, Widen } from '../../joins/distance.js';
import type { OrderedKey } from '../../joins/window.js';
import type { FlowWindow } from './flow-window.js';

/** What becomes of accumulators that are not complete at the end of the stream. */
export type OpenAtEnd = 'keep' | 'emit' | 'drop';

/** A window after `keyBy`, and which time a value has. */
export interface KeyedWindow<T, At extends OrderedKey> {
  readonly window: FlowWindow<NoInfer<Distance<Widen<At>>>>;
  /** The time of a value: a number, a bigint or a Date. */
  readonly at: (value: T) => At;
  /**
   * How far a value may be before the highest time of the lane, and still be in order: values wait this long. In the unit of
   * the times; of Dates in milliseconds. Default: 0, times do not decrease.
   */
  readonly wait?: NoInfer<Distance<Widen<At>>>;
  /**
   * A class whose fields are among `key`, `start`, `end`, `value` and those of the value itself: as such elements the values
   * are written that came when all their windows had closed. Default: they are only counted.
   */
  readonly late?: MessageClass<any>;
}

/** What a window returns when it closes. `start` and `end` as those of `WindowBounds`. */
export interface WindowResult<out K, out At, out V> {
  readonly key: K;
  readonly start: At;
  readonly end: At;
  readonly value: V;
}
