import { memberOrNothing, shownValue } from '../base/shown-value.js';
import { WaterMillError } from '../base/watermill-error.js';
import { type MillView, viewOf } from '../mill/report/mill-view.js';

export function wrong(where: string, expected: string, value: unknown): WaterMillError {
  const found = shownValue(value);
  return new WaterMillError('WM_METRICS', `${where}: expected ${expected}, found ${found}.`, { expected, found });
}

/** The view of the mill to measure. */
export function viewOfGiven(where: string, mill: unknown): MillView {
  const view = viewOf(mill);
  if (view === undefined) throw wrong(where, 'a WaterMill', mill);
  return view;
}

/** Throws for an object without these methods. */
export function checkMethods(where: string, expected: string, value: unknown, methods: readonly string[]): void {
  const isOne = methods.every((method) => typeof memberOrNothing(value, method) === 'function');
  if (!isOne) throw wrong(where, `${expected}, with ${methods.join(' and ')}`, value);
}
