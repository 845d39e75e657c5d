import type { MessageClass } from '../../base/class.js';
import type { KeyOf } from '../../expressions/expression.js';
import type { Key } from '../../expressions/key.js';
import type { FieldName } from '../../messages/init.js';

/** How a mill handles problems of one of its inputs. */
export interface InputOptions<T> {
  /** What to do with an element whose key is below an earlier one. Default: `fail`. */
  readonly order?: Order<T>;
  /**
   * What to do with a message that cannot be read. Default: `fail`; `skip` counts it and continues; `deadLetter` writes
   * it as well.
   */
  readonly onBadMessage?: 'fail' | 'skip' | { readonly deadLetter: MessageClass<any> };
  /**
   * What to do if no elements arrive for this many milliseconds: `wait` reports it and keeps waiting, `end` ends the
   * stream, `ignore` continues without it until its next element; elements that then come too late are late (so it requires
   * `order: 'skip'`, and does not work for the master); the report counts the affected calls. Default: the mill waits
   * without a report. A run with it is not reproducible.
   */
  readonly idle?: { readonly afterMs: number; readonly then: 'wait' | 'end' | 'ignore' };
  /**
   * Callbacks for when the highest key of this stream falls more than `threshold` behind that of another one, and for
   * when it has caught up: once per change, in each lane, also across restarts (after a crash, callbacks since the last
   * commit are repeated). An error that one throws is logged.
   */
  readonly lag?: LagOptions;
}

/** Callbacks for a stream that lags behind another one. */
export interface LagOptions {
  /** The other stream, by its class. */
  readonly behind: MessageClass<any>;
  /** In the unit of the keys; for Dates in milliseconds. Lagging by exactly this much does not count. */
  readonly threshold: number | bigint;
  /** Called once when the stream starts to lag; after a crash possibly again. Default: nothing is called. */
  readonly onDown?: (lag: Lag) => void;
  /**
   * Called once when the stream is no longer behind at all, or has ended. Default: nothing is called.
   *
   * `resultsFrom`: the position of the first call that was made without waiting for this stream while it lagged (`idle:
   * { then: 'ignore' }`); undefined if the join waited for it, so that no result is wrong.
   */
  readonly onUp?: (lag: Lag & { readonly resultsFrom: number | undefined }) => void;
}

/** The lag of a stream in a lane. */
export interface Lag {
  /** The name of the lane: the number of a partition; `0` if there is one lane. */
  readonly lane: string;
  /** How far it lags, in the unit of the keys. */
  readonly by: number | bigint;
}

/** A class with the fields of the late elements; they are written as elements of it. */
type LateClass<T> = MessageClass<Pick<T, FieldName<T> & keyof T>>;

/**
 * What to do with an element out of order: `fail` ends the run; `skip` leaves it out, counts it, and writes it to the
 * stream of class `late` if there is one; `slack` reorders elements whose key is at most this far below the highest
 * (for Dates: in milliseconds), and skips those that are later still. `by` selects the key to reorder by on a node with
 * several.
 */
export type Order<T> =
  | 'fail'
  | 'skip'
  | { readonly skip: true; readonly late?: LateClass<T> }
  | { readonly slack: number | bigint; readonly late?: LateClass<T>; readonly by?: KeyOf<T, Key> };
