import type { FieldSchema } from '../message-schema.js';

/**
 * The names of the fields in a value: `wire`, as in messages; `property`, as in the class (the result of a
 * deserializer); `either`, the wire name first (objects written by hand in tests); `text`, as in messages, with texts
 * as values.
 */
export type Naming = 'wire' | 'property' | 'either' | 'text';

/** The names that a field may have, the preferred one first. */
export function namesOf(field: FieldSchema, naming: Naming): readonly string[] {
  if (naming === 'property') return [field.property];
  return naming !== 'either' || field.name === field.property ? [field.name] : [field.name, field.property];
}
