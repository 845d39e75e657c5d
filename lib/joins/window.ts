import type { Class } from '../base/class.js';
import type { WindowDescriptions } from './windows/window-kinds.js';

/** A window over the master, as its maker described it. `type` says which parts go together. */
export type WindowDescription = WindowDescriptions[keyof WindowDescriptions];

/**
 * A master seen in windows: the process function gets arrays of its elements. Made by `window()`, `tumblingWindow()`
 * and the others; it stands for the master in `joinStreams()`, or for the whole source where there is no join. `K` is the
 * type of its borders; never, where it has none.
 */
export interface Window<out M, out K = unknown> {
  readonly what: 'window';
  readonly master: Class<M>;
  readonly description: WindowDescription;
  /** Carries types only; never set. */
  readonly '~borders'?: K;
}

/** Keys that lie on a line, with a distance between any two. */
export type OrderedKey = number | bigint | Date;

export function isWindow(value: unknown): value is Window<unknown> {
  return typeof value === 'object' && value !== null && (value as { what?: unknown }).what === 'window';
}
