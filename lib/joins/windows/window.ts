import type { Class } from '../../base/class.js';
import type { KeyOf } from '../../expressions/expression.js';
import type { Key } from '../../expressions/key.js';
import type { WindowDescriptions } from './window-kinds.js';

/** A window over the master, as described by its maker. `type` discriminates its parts. */
export type WindowDescription = WindowDescriptions[keyof WindowDescriptions];

/**
 * A master in windows: the process function gets arrays of its elements. Made by `window()`, `tumblingWindow()` and
 * others; it replaces the master in `joinStreams()`, or is the source itself if there is no join. `K` is the type of
 * its borders; never if it has none. `B` is the type of `by`; never without it.
 */
export interface Window<out M, out K = unknown, out B = unknown> {
  readonly what: 'window';
  readonly master: Class<M>;
  readonly description: WindowDescription;
  /** Carries types only; never set. */
  readonly '~window'?: readonly [borders: K, by: B];
}

/** The option that every window accepts in addition to its own. */
export interface WindowBy<T, B extends Key> {
  /**
   * Splits the windows by a value, an expression or a function of the element: each call has the elements of one value.
   * It needs no order. Calls are made in the order in which windows close; windows that close together in the order of
   * their last elements. Default: windows are not split.
   *
   * Memory: the elements of the open windows of all values. A restart reads from the first element of the oldest of
   * them, so a rare value whose window stays open for long holds that position back.
   */
  by?: KeyOf<T, B>;
}

/** Keys with a distance between any two of them. */
export type OrderedKey = number | bigint | Date;

export function isWindow(value: unknown): value is Window<unknown> {
  return typeof value === 'object' && value !== null && (value as { what?: unknown }).what === 'window';
}
