import type { Class } from '../../base/class.js';
import type { Key } from '../../expressions/key.js';
import type { Window, WindowBy } from './window.js';
import { count, makeWindow, splitBy, windowOptions, windowRole } from './window-checks.js';

/** The number of elements in a window, and from one window to the next. */
export interface CountWindowOptions {
  /** The number of surviving master elements in a window; one or more. */
  size: number;
  /**
   * The number of survivors from the start of one window to the start of the next. Default: the size, so that each is
   * in one window.
   */
  every?: number;
}

/**
 * Windows of `size` surviving master elements; the last ones may have fewer. With `every` below the size, windows
 * overlap; above it, some survivors are in none.
 *
 * Memory: the elements of the open windows, each kept once, with their groups. Throws `WM_WINDOW`.
 *
 * @example countWindow(Sample, { size: 100 })
 */
export function countWindow<T, B extends Key = never>(
  master: Class<T>,
  options: CountWindowOptions & WindowBy<T, B>,
): Window<T, never, B>;
export function countWindow(master: Class, options: unknown, ...further: readonly unknown[]): Window<unknown> {
  const role = windowRole('countWindow', master);
  const given = windowOptions(options, ['size', 'every', 'by'], role, further);
  const size = count(given.size, 'size', role);
  const description = { type: 'count', size, every: count(given.every ?? size, 'every', role) } as const;
  return makeWindow(master, { ...description, ...splitBy(given.by, master, role) });
}
