import type { MessageClass } from '../../base/class.js';
import { message } from '../../messages/index.js';
import { wrongValue } from '../step-checks.js';

/**
 * Returns the state that a step's `method` returned as an element: it may be an element of its class, or the fields of
 * one.
 */
export function elementOf(given: any, state: MessageClass<any>, place: string, method: string): object {
  if (given instanceof state) return given;
  const proto = typeof given === 'object' && given !== null ? Object.getPrototypeOf(given) : undefined;
  if (proto === Object.prototype || proto === null) return message(state, given);
  throw wrongValue(`${place}: ${method}() returned`, `an element of ${state.name}, or its fields`, given);
}
