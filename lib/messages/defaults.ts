import { blankOf } from './blank.js';
import type { MessageSchema } from './message-schema.js';

const known = new WeakMap<MessageSchema, ReadonlySet<string>>();

/** The fields to which the class itself gives a value. */
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
