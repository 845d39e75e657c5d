import type { MessageClass } from '../../../base/class.js';
import { reasonOf } from '../../../base/thrown.js';
import { WaterMillError } from '../../../base/watermill-error.js';

/** A late element as the class that its late output takes. */
export function asLate(message: MessageClass<any>, element: object): object {
  if (element instanceof message) return element;
  try {
    return Object.assign(new message(), element);
  } catch (cause) {
    throw new WaterMillError(
      'WM_DEAD_LETTER',
      `A late element could not be made a ${message.name}: ${reasonOf(cause)}. Let the class be made without arguments, and its fields take what elements have.`,
      { message: message.name },
      { cause },
    );
  }
}
