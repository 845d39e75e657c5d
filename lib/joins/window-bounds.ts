import { sharedClass } from '../base/loaded-copies.js';
import type { Key } from '../expressions/key.js';
import type { IsAny } from '../messages/init.js';
import type { FoldedWindow } from './folded-window.js';
import type { Tree } from './tree.js';
import type { Window } from './windows/window.js';

/**
 * A parameter of this type gets the borders of the call's window, as keys of the window's expression:
 *
 * - `window`: both are the key that its elements share;
 * - tumbling, hopping, calendar: start (included) and end (not included);
 * - sliding: the last element's key minus the size, and that key, both included;
 * - session: the keys of its first and of its last element.
 *
 * `K` is the type of the key: `WindowBounds<Date>`. As a token of `inject` it is inferred from the source's window; for
 * a method the compiler checks it if `@Process` has the source. Count and batch windows have no borders.
 *
 * @example processFunction(hourly, { inject: [WindowBounds] }, (flights, { start, end }) => …)
 * @example @Process(hourly) count(flights: Flight[], { start }: WindowBounds<Date>): Departures { … }
 */
@sharedClass('WindowBounds')
export class WindowBounds<out K extends Key = Key> {
  constructor(
    /** The lower border, which is included. */
    readonly start: K,
    /** The upper border, which is not included in tumbling, hopping and calendar windows. */
    readonly end: K,
  ) {}
}

/** The borders of a source's window, or the reason why there are none. */
export type BoundsOf<S> =
  IsAny<S> extends true
    ? WindowBounds<any>
    : S extends FoldedWindow<any, infer Of>
      ? BoundsOf<Of>
      : S extends Tree<any, any, infer W>
        ? W extends Window<any, infer K>
          ? BoundsOfKey<K>
          : boolean extends W
            ? WindowBounds<any>
            : ThereIsNoWindowOnTheMaster
        : S extends Window<any, infer K>
          ? BoundsOfKey<K>
          : ThereIsNoWindowOnTheMaster;

type BoundsOfKey<K> = [K] extends [never]
  ? CountAndBatchWindowsHaveNoBorders
  : [K] extends [Key]
    ? WindowBounds<K>
    : WindowBounds<any>;

/** The compiler's error for `WindowBounds` if the source has no window. */
export interface ThereIsNoWindowOnTheMaster {
  'WaterMill: WindowBounds needs a window on the master': never;
}

/** The compiler's error for `WindowBounds` if the source has a count or batch window. */
export interface CountAndBatchWindowsHaveNoBorders {
  'WaterMill: count and batch windows have no borders': never;
}
