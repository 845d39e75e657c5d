import type { MessageClass } from '../../../base/class.js';
import type { KeyOf } from '../../../expressions/expression.js';
import type { Key } from '../../../expressions/key.js';
import type { FieldName } from '../../../messages/init.js';

/** What a mill does if one of its inputs misbehaves. */
export interface InputOptions<T> {
  /** An element whose keys are below those before it. Default: `fail`. */
  readonly order?: Order<T>;
  /** A message that cannot be read. Default: `fail`; `skip` counts it and continues; `deadLetter` writes it as well. */
  readonly onBadMessage?: 'fail' | 'skip' | { readonly deadLetter: MessageClass<any> };
  /**
   * A stream on which nothing came for this many milliseconds: `wait` reports it and keeps waiting, `end` ends it, `ignore`
   * continues without it until more comes, and elements that then come too late are late (so it goes with `order: 'skip'`, and not
   * with the master); the report counts the calls that this affected. Default: it is waited for, silently. With it a run is not reproducible.
   */
  readonly idle?: { readonly afterMs: number; readonly then: 'wait' | 'end' | 'ignore' };
  /**
   * Callbacks for when the highest key of this stream is more than `threshold` behind that of another one, and for when it is
   * no longer behind: once per change, in each lane, also over restarts (after a crash, calls since the last commit are
   * repeated). If one throws, that is logged.
   */
  readonly lag?: LagOptions;
}

/** Callbacks for a stream that lags behind another one. */
export interface LagOptions {
  /** The other stream, by its class. */
  readonly behind: MessageClass<any>;
  /** In the unit of the keys; of Dates in milliseconds. Exactly this far behind is not yet too far. */
  readonly threshold: number | bigint;
  readonly onDown?: (lag: Lag) => void;
  /**
   * `resultsFrom`: the position of the first call that was made without waiting for this stream while it was down
   * (`idle: { then: 'ignore' }`); undefined if the join waited for it, so that no result is wrong.
   */
  readonly onUp?: (lag: Lag & { readonly resultsFrom: number | undefined }) => void;
}

export interface Lag {
  readonly lane: string;
  /** How far it lags, in the unit of the keys. */
  readonly by: number | bigint;
}

/** A class with the fields of the late elements; they are written as elements of it. */
type LateClass<T> = MessageClass<Pick<T, FieldName<T> & keyof T>>;

/**
 * What happens to an element out of order: `fail` ends the run; `skip` leaves it out, counts it, and writes it to the stream
 * of class `late` if there is one; `slack` reorders elements whose key is at most this far below the highest (Dates: in
 * milliseconds), and skips those that are later still. `by` names the key to reorder by on a node with several.
 */
export type Order<T> =
  | 'fail'
  | 'skip'
  | { readonly skip: true; readonly late?: LateClass<T> }
  | { readonly slack: number | bigint; readonly late?: LateClass<T>; readonly by?: KeyOf<T, Key> };
