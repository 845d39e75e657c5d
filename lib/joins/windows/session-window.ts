import type { Class } from '../../base/class.js';
import type { KeyOf } from '../../expressions/expression.js';
import type { Key } from '../../expressions/key.js';
import type { Distance, Widen } from '../distance.js';
import type { OrderedKey, Window, WindowBy } from './window.js';
import { makeWindow, orderedKey, positive, splitBy, windowOptions, windowRole } from './window-checks.js';

/** The gap that ends a session, in the unit of the key. */
export interface SessionWindowOptions<V> {
  /** The largest distance between consecutive elements of a session; above zero; for Dates in milliseconds. */
  gap: Distance<Widen<V>>;
}

/**
 * Windows of activity: a session closes when the next surviving master element is more than `gap` away from its last
 * one, or at the end of the stream.
 *
 * Memory: the elements of the open session, with their groups; a stream without pauses is one session.
 *
 * Throws `WM_WINDOW`, `WM_KEY`, `WM_KEY_CLASS`, `WM_KEY_TYPE`, `WM_KEY_ORDER`, `WM_KEY_DISTANCE`.
 *
 * @example sessionWindow(Click, field(Click, 'at'), { gap: 30 * MINUTE })
 * @example sessionWindow(Click, field(Click, 'at'), { gap: 30 * MINUTE, by: field(Click, 'user') }) // each user's own
 */
export function sessionWindow<T, V extends OrderedKey, B extends Key = never>(
  master: Class<T>,
  key: KeyOf<T, V>,
  options: SessionWindowOptions<V> & WindowBy<T, B>,
): Window<T, Widen<V>, B>;
export function sessionWindow(
  master: Class,
  key: unknown,
  options: unknown,
  ...further: readonly unknown[]
): Window<unknown> {
  const role = windowRole('sessionWindow', master);
  const given = windowOptions(options, ['gap', 'by'], role, further);
  const gap = positive(given.gap, 'gap', role);
  const description = { type: 'session', key: orderedKey(key, master, [gap], role), gap } as const;
  return makeWindow(master, { ...description, ...splitBy(given.by, master, role) });
}
