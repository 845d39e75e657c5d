import type { Class } from '../../base/class.js';
import type { Key } from '../../expressions/key.js';
import type { Window, WindowBy } from './window.js';
import { count, makeWindow, splitBy, windowOptions, windowRole, wrongOption } from './window-checks.js';

/** The limits of a batch. */
export interface BatchWindowOptions {
  /** The maximum number of surviving master elements in a batch; one or more. */
  size: number;
  /** How long an incomplete batch waits for more, in milliseconds from its first element; above zero. */
  timeoutMs: number;
}

/**
 * Batches of surviving master elements, closed when they are full or when their time is up. Each element is in exactly
 * one batch; since the clock decides in which one, a mill with it is not reproducible.
 *
 * Memory: the elements of the open batch, with their groups. Throws `WM_WINDOW`.
 *
 * @example batchWindow(Order, { size: 500, timeoutMs: 1_000 })
 */
export function batchWindow<T, B extends Key = never>(
  master: Class<T>,
  options: BatchWindowOptions & WindowBy<T, B>,
): Window<T, never, B>;
export function batchWindow(master: Class, options: unknown, ...further: readonly unknown[]): Window<unknown> {
  const role = windowRole('batchWindow', master);
  const given = windowOptions(options, ['size', 'timeoutMs', 'by'], role, further);
  const { timeoutMs } = given;
  if (typeof timeoutMs !== 'number' || !Number.isFinite(timeoutMs) || timeoutMs <= 0) {
    throw wrongOption('timeoutMs', 'a number of milliseconds above zero', timeoutMs, role);
  }
  const description = { type: 'batch', size: count(given.size, 'size', role), timeoutMs } as const;
  return makeWindow(master, { ...description, ...splitBy(given.by, master, role) });
}
