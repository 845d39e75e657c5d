import type { MessageClass } from '../../base/class.js';
import { message } from '../../messages/index.js';
import { wrongValue } from '../step-checks.js';

/**
 * Returns the state that a step's `method` returned as an element: it may be an element of its class, or the fields of
 * one. Without a method it is the first value.
 */
export function elementOf(given: any, state: MessageClass<any>, place: string, method: string | undefined): object {
  if (given instanceof state) return given;
  const proto = typeof given === 'object' && given !== null ? Object.getPrototypeOf(given) : undefined;
  if (proto === Object.prototype || proto === null) return message(state, given);
  const found = method === undefined ? 'without first, the accumulator is the first value,' : `${method}() returned`;
  throw wrongValue(`${place}: ${found}`, `an element of ${state.name}, or its fields`, given);
}
