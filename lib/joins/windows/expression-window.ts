import type { Class } from '../../base/class.js';
import type { KeyOf } from '../../expressions/expression.js';
import type { Key } from '../../expressions/key.js';
import type { Widen } from '../distance.js';
import type { Window, WindowBy } from './window.js';
import { makeWindow, splitBy, windowKey, windowOptions, windowRole, wrongOption } from './window-checks.js';

/** What else closes a window over equal keys. */
export interface ExpressionWindowOptions<V> {
  /**
   * Called when no element arrived for the broker's poll timeout: a key other than the open window's closes the window;
   * the same key, or undefined, leaves it open. Default: only an element closes a window. A mill with it is not
   * reproducible.
   */
  onTimeout?: () => Widen<NoInfer<V>> | undefined;
}

/**
 * A window over adjacent elements with equal keys. It closes when a master element, matched or not, has another key, or
 * at the end of the stream. The key needs no order: it is only compared with the previous one, so the same key later on
 * starts another window. With `by`, runs of equal keys are those of the whole stream, split by value: any element with
 * another key closes the windows of all values.
 *
 * Memory: the elements of the open window, with their groups.
 *
 * Throws `WM_WINDOW`, `WM_KEY`, `WM_KEY_CLASS`, `WM_KEY_TYPE`.
 *
 * @example window(RobotLocation, field(RobotLocation, 'time').floorDiv(30))
 */
export function window<T, V extends Key, B extends Key = never>(
  master: Class<T>,
  key: KeyOf<T, V>,
  options?: ExpressionWindowOptions<V> & WindowBy<T, B>,
): Window<T, Widen<V>, B>;
export function window(
  master: Class,
  key: unknown,
  options: unknown = {},
  ...further: readonly unknown[]
): Window<unknown> {
  const role = windowRole('window', master);
  const { onTimeout, by } = windowOptions(options, ['onTimeout', 'by'], role, further);
  if (onTimeout !== undefined && typeof onTimeout !== 'function') {
    throw wrongOption('onTimeout', 'a function that returns a key', onTimeout, role);
  }
  return makeWindow(master, {
    type: 'expression',
    key: windowKey(key, master, role),
    onTimeout: onTimeout as (() => unknown) | undefined,
    ...splitBy(by, master, role),
  });
}
