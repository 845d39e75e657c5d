import type { FieldSchema } from '../message-schema.js';

/**
 * Under which names a value brings its fields: `wire`, as in messages; `property`, as in the class (what a deserializer
 * gives); `either`, the wire's first (objects written by hand in tests); `text`, as in messages, and each value is a text.
 */
export type Naming = 'wire' | 'property' | 'either' | 'text';

/** The names under which a field may come, the preferred one first. */
export function namesOf(field: FieldSchema, naming: Naming): readonly string[] {
  if (naming === 'property') return [field.property];
  return naming !== 'either' || field.name === field.property ? [field.name] : [field.name, field.property];
}
