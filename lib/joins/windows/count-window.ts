import type { Class } from '../../base/class.js';
import type { Window } from '../window.js';
import { count, makeWindow, windowOptions, windowRole } from './window-checks.js';

export interface CountWindowOptions {
  /** Surviving master elements in a window; one or more. */
  size: number;
  /** Survivors from the start of one window to the start of the next. Default: the size, so that each is in one window. */
  every?: number;
}

/**
 * Windows of so many surviving master elements; the last ones may have fewer. With `every` below the size windows
 * overlap, above it some survivors are in none.
 *
 * Memory: the elements of the open windows, each kept once, with their groups. Throws `WM_WINDOW`.
 *
 * @example countWindow(Sample, { size: 100 })
 */
export function countWindow<T>(master: Class<T>, options: CountWindowOptions): Window<T, never> {
  const role = windowRole('countWindow', master);
  const given = windowOptions(options, ['size', 'every'], role);
  const size = count(given.size, 'size', role);
  return makeWindow(master, { type: 'count', size, every: count(given.every ?? size, 'every', role) });
}
