import type { Class } from '../../base/class.js';
import type { KeyOf } from '../../expressions/expression.js';
import type { Key } from '../../expressions/key.js';
import type { Distance, KeyDistance, Widen } from '../distance.js';
import { expectedStep } from './overlap.js';
import type { OrderedKey, Window, WindowBy } from './window.js';
import { makeWindow, orderedKey, positive, splitBy, windowOptions, windowRole, wrongOption } from './window-checks.js';

/** The length of the windows, in the unit of the key. */
export interface TumblingWindowOptions<V> {
  /** The length from the start (included) to the end (excluded); above zero; for Dates in milliseconds. */
  size: Distance<Widen<V>>;
  /**
   * Windows start at multiples of the size plus this offset. Default: 0. For Dates: milliseconds from 1970-01-01 UTC.
   */
  offset?: Distance<Widen<V>>;
}

/** The length and step of the windows, in the unit of the key. */
export interface HoppingWindowOptions<V> {
  /** The length from the start (included) to the end (excluded); above zero; for Dates in milliseconds. */
  size: Distance<Widen<V>>;
  /**
   * The step from one start to the next; above zero. Below the size, windows overlap; above it, they leave gaps. An
   * element is in size / every windows, at most a million.
   */
  every: Distance<Widen<V>>;
  /**
   * Windows start at multiples of `every` plus this offset. Default: 0. For Dates: milliseconds from 1970-01-01 UTC.
   */
  offset?: Distance<Widen<V>>;
}

/**
 * Consecutive windows of one size, without gaps: each element is in exactly one. A window closes when the master's keys
 * have passed its end, or at the end of the stream. There are no calls for windows without elements.
 *
 * Memory: the elements of the open window, with their groups.
 *
 * Throws `WM_WINDOW`, `WM_KEY`, `WM_KEY_CLASS`, `WM_KEY_TYPE`, `WM_KEY_ORDER`, `WM_KEY_DISTANCE`.
 *
 * @example tumblingWindow(Flight, field(Flight, 'departs'), { size: HOUR })
 */
export function tumblingWindow<T, V extends OrderedKey, B extends Key = never>(
  master: Class<T>,
  key: KeyOf<T, V>,
  options: TumblingWindowOptions<V> & WindowBy<T, B>,
): Window<T, Widen<V>, B>;
export function tumblingWindow(
  master: Class,
  key: unknown,
  options: unknown,
  ...further: readonly unknown[]
): Window<unknown> {
  const role = windowRole('tumblingWindow', master);
  const given = windowOptions(options, ['size', 'offset', 'by'], role, further);
  return alignedWindow(master, key, { ...given, every: given.size }, role);
}

/**
 * Windows of one size that start at equal steps: an element is in each window that covers its key. A window closes
 * when the master's keys have passed its end, or at the end of the stream, in the order of their starts.
 *
 * Memory: the elements of all open windows, each kept once, with their groups.
 *
 * Throws `WM_WINDOW`, `WM_KEY`, `WM_KEY_CLASS`, `WM_KEY_TYPE`, `WM_KEY_ORDER`, `WM_KEY_DISTANCE`.
 *
 * @example hoppingWindow(Flight, field(Flight, 'departs'), { size: HOUR, every: 10 * MINUTE })
 */
export function hoppingWindow<T, V extends OrderedKey, B extends Key = never>(
  master: Class<T>,
  key: KeyOf<T, V>,
  options: HoppingWindowOptions<V> & WindowBy<T, B>,
): Window<T, Widen<V>, B>;
export function hoppingWindow(
  master: Class,
  key: unknown,
  options: unknown,
  ...further: readonly unknown[]
): Window<unknown> {
  const role = windowRole('hoppingWindow', master);
  return alignedWindow(master, key, windowOptions(options, ['size', 'every', 'offset', 'by'], role, further), role);
}

interface GivenAlignment {
  readonly size?: unknown;
  readonly every?: unknown;
  readonly offset?: unknown;
  readonly by?: unknown;
}

function alignedWindow(master: Class, key: unknown, given: GivenAlignment, role: string): Window<unknown> {
  const size = positive(given.size, 'size', role);
  const every = positive(given.every, 'every', role);
  const offset = given.offset ?? (typeof size === 'bigint' ? 0n : 0);
  if (typeof every !== typeof size) throw wrongOption('every', `a ${typeof size} like the size`, every, role);
  if (typeof offset !== typeof size || (typeof offset === 'number' && !Number.isFinite(offset))) {
    throw wrongOption('offset', `a finite ${typeof size} like the size`, offset, role);
  }
  const expected = expectedStep(size, every);
  if (expected !== undefined) throw wrongOption('every', expected, every, role);
  const distances = [size, every, offset as KeyDistance];
  return makeWindow(master, {
    type: 'hopping',
    key: orderedKey(key, master, distances, role),
    size,
    every,
    offset: offset as KeyDistance,
    ...splitBy(given.by, master, role),
  });
}
