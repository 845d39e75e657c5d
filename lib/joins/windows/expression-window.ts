import type { Class } from '../../base/class.js';
import type { KeyOf } from '../../expressions/expression.js';
import type { Key } from '../../expressions/key.js';
import type { Widen } from '../distance.js';
import type { Window } from '../window.js';
import { makeWindow, windowKey, windowOptions, windowRole, wrongOption } from './window-checks.js';

export interface ExpressionWindowOptions<V> {
  /**
   * Asked when nothing came for the broker's poll timeout: a key other than the open window's closes it; the same key,
   * or undefined, leaves it open. Default: only an element closes a window. A mill with it is not reproducible.
   */
  onTimeout?: () => Widen<NoInfer<V>> | undefined;
}

/**
 * A window over adjacent elements with equal keys. It closes when a master element, matched or not, brings another
 * key, or at the end of the stream. The key needs no order: it is only compared with the one before, so the same key
 * later on is another window.
 *
 * Memory: the elements of the open window, with their groups.
 *
 * Throws `WM_WINDOW`, `WM_KEY`, `WM_KEY_CLASS`, `WM_KEY_TYPE`.
 *
 * @example window(RobotLocation, field(RobotLocation, 'time').floorDiv(30))
 */
export function window<T, V extends Key>(
  master: Class<T>,
  key: KeyOf<T, V>,
  options?: ExpressionWindowOptions<V>,
): Window<T, Widen<V>>;
export function window(master: Class, key: unknown, options: unknown = {}): Window<unknown> {
  const role = windowRole('window', master);
  const { onTimeout } = windowOptions(options, ['onTimeout'], role);
  if (onTimeout !== undefined && typeof onTimeout !== 'function') {
    throw wrongOption('onTimeout', 'a function that gives a key', onTimeout, role);
  }
  return makeWindow(master, {
    type: 'expression',
    key: windowKey(key, master, role),
    onTimeout: onTimeout as (() => unknown) | undefined,
  });
}
