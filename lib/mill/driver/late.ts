import type { MessageClass } from '../../base/class.js';

/** A late element as the class that its late output takes. */
export function asLate(message: MessageClass<any>, element: object): object {
  return element instanceof message ? element : Object.assign(new message(), element);
}
