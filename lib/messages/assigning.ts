import { blankOf } from './blank.js';
import type { MessageSchema } from './message-schema.js';

/** Why a field of this class cannot be assigned, as the end of a sentence; undefined where it can. */
export function obstacleTo(schema: MessageSchema, property: string): string | undefined {
  const blank = blankOf(schema);
  const [place, descriptor] = placeOf(blank, property) ?? [];
  if (descriptor !== undefined) {
    const { get, set, writable } = descriptor;
    if (get !== undefined || set !== undefined) return set === undefined ? 'has a getter and no setter' : undefined;
    if (writable !== true) return 'is read-only';
    if (place === blank) return undefined;
  }
  return Object.isExtensible(blank) ? undefined : 'cannot be added: the constructor has frozen or sealed the element';
}

/** Whether a field is an accessor of its class: what is assigned to it goes through the class's own code. */
export function isAccessor(schema: MessageSchema, property: string): boolean {
  const descriptor = placeOf(blankOf(schema), property)?.[1];
  return descriptor !== undefined && !('value' in descriptor);
}

/** The object that has a property of its own by this name: the element, or the nearest that it inherits from. */
function placeOf(element: object, property: string): [object, PropertyDescriptor] | undefined {
  for (let at: object | null = element; at !== null; at = Object.getPrototypeOf(at)) {
    const descriptor = Object.getOwnPropertyDescriptor(at, property);
    if (descriptor !== undefined) return [at, descriptor];
  }
  return undefined;
}
