import type { Class } from '../../base/class.js';
import type { KeyOf } from '../../expressions/expression.js';
import type { Key } from '../../expressions/key.js';
import type { Distance, Widen } from '../distance.js';
import type { OrderedKey, Window, WindowBy } from './window.js';
import { makeWindow, orderedKey, positive, splitBy, windowOptions, windowRole } from './window-checks.js';

/** The length of the windows, in the unit of the key. */
export interface SlidingWindowOptions<V> {
  /** How far a window looks back from its element, both ends included; above zero; for Dates in milliseconds. */
  size: Distance<Widen<V>>;
}

/**
 * A window for every surviving master element: the element itself, and the earlier survivors in stream order whose keys
 * are at most `size` below its own.
 *
 * Memory: the elements within the size, each kept once, with their groups.
 *
 * Throws `WM_WINDOW`, `WM_KEY`, `WM_KEY_CLASS`, `WM_KEY_TYPE`, `WM_KEY_ORDER`, `WM_KEY_DISTANCE`.
 *
 * @example slidingWindow(Sample, field(Sample, 'at'), { size: 5_000 })
 */
export function slidingWindow<T, V extends OrderedKey, B extends Key = never>(
  master: Class<T>,
  key: KeyOf<T, V>,
  options: SlidingWindowOptions<V> & WindowBy<T, B>,
): Window<T, Widen<V>, B>;
export function slidingWindow(
  master: Class,
  key: unknown,
  options: unknown,
  ...further: readonly unknown[]
): Window<unknown> {
  const role = windowRole('slidingWindow', master);
  const given = windowOptions(options, ['size', 'by'], role, further);
  const size = positive(given.size, 'size', role);
  const description = { type: 'sliding', key: orderedKey(key, master, [size], role), size } as const;
  return makeWindow(master, { ...description, ...splitBy(given.by, master, role) });
}
