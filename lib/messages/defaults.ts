import { blankOf } from './blank.js';
import type { MessageSchema } from './message-schema.js';

const known = new WeakMap<MessageSchema, ReadonlySet<string>>();

/** The fields with an initial value in the class. */
export function defaultsOf(schema: MessageSchema): ReadonlySet<string> {
  let defaults = known.get(schema);
  if (defaults === undefined) {
    const blank = blankOf(schema);
    const properties = schema.fields.map((field) => field.property);
    defaults = new Set(
      properties.filter((property) => Object.hasOwn(blank, property) && blank[property] !== undefined),
    );
    known.set(schema, defaults);
  }
  return defaults;
}

const knownShared = new WeakMap<MessageSchema, ReadonlySet<string>>();

/**
 * The fields that the class sets to the same object in every element: a constant of the program, which no element may
 * change.
 */
export function sharedDefaultsOf(schema: MessageSchema): ReadonlySet<string> {
  let shared = knownShared.get(schema);
  if (shared === undefined) {
    const blank = blankOf(schema);
    const objects = [...defaultsOf(schema)].filter((property) => Object(blank[property]) === blank[property]);
    const other: any = objects.length > 0 ? new schema.message() : {};
    shared = new Set(objects.filter((property) => blank[property] === other[property]));
    knownShared.set(schema, shared);
  }
  return shared;
}
