import type { Class } from '../../base/class.js';
import { madeHere } from '../../base/loaded-copies.js';
import { showAs, shownValue } from '../../base/shown-value.js';
import { WaterMillError } from '../../base/watermill-error.js';
import { classNameOf } from '../../expressions/class-name.js';
import type { Expression } from '../../expressions/expression.js';
import { toExpression } from '../../expressions/to-expression.js';
import type { KeyDistance } from '../distance.js';
import { checkClass, checkDistance, checkOrder, checkType } from '../key-checks.js';
import { knownOptions, refuseFurther } from '../option-checks.js';
import type { Window, WindowDescription } from './window.js';

/** `tumblingWindow(Flight)`: the beginning of errors. Throws `WM_WINDOW` if the master is not a class. */
export function windowRole(maker: string, cls: unknown): string {
  if (typeof cls === 'function') return `${maker}(${classNameOf(cls as Class)})`;
  throw new WaterMillError(
    'WM_WINDOW',
    `${maker}(): the first argument must be the message class of the master, not ${shownValue(cls)}. A window goes on the ` +
      'master: joinStreams(window(Master, key), joinWith(…)).',
    { expected: 'a message class', found: shownValue(cls) },
  );
}

/** The key of a window without order: equality is sufficient. */
export function windowKey(key: unknown, cls: Class, role: string): Expression<any, any> {
  const expression = toExpression(key, `${role}: the key`);
  checkType(expression, `${role}: the key`);
  checkClass(expression, cls, `${role}: the key`);
  return expression;
}

/** The key of a window with borders: it must not decrease, and needs distances of this type. */
export function orderedKey(key: unknown, cls: Class, distances: readonly KeyDistance[], role: string) {
  const expression = windowKey(key, cls, role);
  checkOrder(expression, `${role}: the key`);
  checkDistance(expression, distances, role);
  return expression;
}

/** The value that splits a window: a key without order. */
export function splitBy(by: unknown, cls: Class, role: string): { readonly by?: Expression<any, any> } {
  if (by === undefined) return {};
  const expression = toExpression(by, `${role}: by`);
  checkType(expression, `${role}: by`);
  checkClass(expression, cls, `${role}: by`);
  return { by: expression };
}

/** The options of a window after checks. `further`: the arguments behind them. */
export function windowOptions<N extends string>(
  options: unknown,
  names: readonly N[],
  role: string,
  further: readonly unknown[],
) {
  const given = knownOptions(options, names, role, 'WM_WINDOW');
  refuseFurther(further, names, role, 'WM_WINDOW');
  return given;
}

/** Checks a size or a gap: above zero. */
export function positive(value: unknown, name: string, role: string): KeyDistance {
  const isDistance = typeof value === 'bigint' || (typeof value === 'number' && Number.isFinite(value));
  if (isDistance && (value as KeyDistance) > 0) return value as KeyDistance;
  throw wrongOption(
    name,
    'a finite number or a bigint above zero, in units of the key (Dates: milliseconds)',
    value,
    role,
  );
}

/** Checks a number of elements. */
export function count(value: unknown, name: string, role: string): number {
  if (Number.isSafeInteger(value) && (value as number) > 0) return value as number;
  throw wrongOption(name, 'a whole number of elements, one or more', value, role);
}

export function wrongOption(name: string, expected: string, value: unknown, role: string): WaterMillError {
  return new WaterMillError('WM_WINDOW', `${role}: ${name} must be ${expected}, not ${shownValue(value)}.`, {
    field: name,
    expected,
    found: shownValue(value),
  });
}

export function makeWindow<T, K, B>(master: Class<T>, description: WindowDescription): Window<T, K, B> {
  const made = madeHere(Object.freeze({ what: 'window', master, description: Object.freeze(description) }));
  return showAs(made, () => `a window over ${classNameOf(master)}`);
}
