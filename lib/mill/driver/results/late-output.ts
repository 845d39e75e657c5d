import type { MessageClass } from '../../../base/class.js';
import { thrownSentence } from '../../../base/thrown.js';
import { WaterMillError } from '../../../base/watermill-error.js';

/** Converts a late element to the class of its late output. */
export function asLate(message: MessageClass<any>, element: object): object {
  if (element instanceof message) return element;
  try {
    return Object.assign(new message(), element);
  } catch (cause) {
    throw new WaterMillError(
      'WM_DEAD_LETTER',
      `A late element could not be made a ${message.name}: ${thrownSentence(cause)} Its constructor must work without arguments, and its fields must accept the values of the element.`,
      { message: message.name },
      { cause },
    );
  }
}
