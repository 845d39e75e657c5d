import { isDate } from '../base/date.js';
import { madeOnce } from '../base/made-once.js';
import { thrownSentence } from '../base/thrown.js';
import { WaterMillError } from '../base/watermill-error.js';
import { blankOf } from './blank.js';
import { CodecProblem } from './field-problem.js';
import type { MessageSchema } from './message-schema.js';
import { wordsForValue } from './words.js';

/** Why a field of this class cannot be assigned, as the end of a sentence; undefined if it can. */
function obstacleTo(schema: MessageSchema, property: string): string | undefined {
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

/** The fields that are accessors of their class: assigning them runs the class's own code. */
export const accessorsOf: (schema: MessageSchema) => ReadonlySet<string> = madeOnce((schema) => {
  const isAccessor = (property: string): boolean => {
    const descriptor = placeOf(blankOf(schema), property)?.[1];
    return descriptor !== undefined && !('value' in descriptor);
  };
  return new Set(schema.fields.map(({ property }) => property).filter(isAccessor));
});

/** The object that owns this property: the element, or the nearest prototype. */
function placeOf(element: object, property: string): [object, PropertyDescriptor] | undefined {
  for (let at: object | null = element; at !== null; at = Object.getPrototypeOf(at)) {
    const descriptor = Object.getOwnPropertyDescriptor(at, property);
    if (descriptor !== undefined) return [at, descriptor];
  }
  return undefined;
}

/** Throws if a field of this class cannot be assigned: it would keep another value than that of the message. */
export function expectAssignable(schema: MessageSchema, properties: Iterable<string>): void {
  if (isAssignable(schema)) return;
  for (const property of properties) {
    const obstacle = obstacleTo(schema, property);
    if (obstacle === undefined) continue;
    throw refused(
      schema,
      property,
      `${obstacle}, so no value can be stored in it. Elements are made by new ${schema.message.name}() and filled ` +
        'afterwards: let the field be assigned, make the elements yourself (a deserializer, new with arguments), or remove @Field.',
    );
  }
}

/** Returns whether all fields of a class can be assigned. */
export const isAssignable: (schema: MessageSchema) => boolean = madeOnce((schema) =>
  schema.fields.every(({ property }) => obstacleTo(schema, property) === undefined),
);

/** Assigns a field; an error of its setter is a problem of the value. */
export function assign(schema: MessageSchema, element: any, property: string, value: unknown, path: string): void {
  const goesThroughCode = accessorsOf(schema).has(property);
  try {
    element[property] = value;
  } catch (cause) {
    if (goesThroughCode)
      throw new CodecProblem(path, `field ${path}: its setter threw: ${thrownSentence(cause)}`, { cause });
    throw refused(schema, property, `cannot be assigned: ${thrownSentence(cause)}`);
  }
  if (!goesThroughCode || keeps(element[property], value)) return;
  throw refused(
    schema,
    property,
    `was given ${wordsForValue(value)}, and holds ${wordsForValue(element[property])}: its setter makes another value of it. ` +
      'Store the value as it is and give the other value another name, or change the value in a deserializer.',
  );
}

/** Returns whether a value was stored: a copy of a Date counts, and the contents of objects are not compared. */
export function keeps(kept: unknown, value: unknown): boolean {
  if (isDate(value)) return isDate(kept) && Object.is(kept.getTime(), value.getTime());
  const areObjects = typeof kept === 'object' && kept !== null && typeof value === 'object' && value !== null;
  return Object.is(kept, value) || areObjects;
}

function refused(schema: MessageSchema, property: string, why: string): WaterMillError {
  return new WaterMillError('WM_FIELD_PLACE', `The field ${property} of ${schema.name} ${why}`, {
    message: schema.name,
    field: property,
  });
}
