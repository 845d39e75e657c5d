import type { Class } from '../base/class.js';
import type { KeyOf } from '../expressions/expression.js';
import type { Key } from '../expressions/key.js';
import type { WindowDescriptions } from './windows/window-kinds.js';

/** A window over the master, as its maker described it. `type` says which parts go together. */
export type WindowDescription = WindowDescriptions[keyof WindowDescriptions];

/**
 * A master seen in windows: the process function gets arrays of its elements. Made by `window()`, `tumblingWindow()`
 * and the others; it takes the place of the master in `joinStreams()`, or for the whole source where there is no join. `K` is the
 * type of its borders; never, where it has none. `B` is the type of `by`; never, without it.
 */
export interface Window<out M, out K = unknown, out B = unknown> {
  readonly what: 'window';
  readonly master: Class<M>;
  readonly description: WindowDescription;
  /** Carries types only; never set. */
  readonly '~window'?: readonly [borders: K, by: B];
}

/** What every window may have in addition to its own options. */
export interface WindowBy<T, B extends Key> {
  /**
   * Each value of it has its own windows, so that a call has the elements of one value: an expression or a function of
   * the element. It needs no order. Calls come in the order in which windows close; those that close together in the
   * order of their last elements. Default: one window for all elements.
   *
   * Memory: the elements of the open windows of all values. A restart reads from the first element of the oldest of them,
   * so a rare value whose window stays open long keeps that place back.
   */
  by?: KeyOf<T, B>;
}

/** Keys that are on a line, with a distance between any two. */
export type OrderedKey = number | bigint | Date;

export function isWindow(value: unknown): value is Window<unknown> {
  return typeof value === 'object' && value !== null && (value as { what?: unknown }).what === 'window';
}
