import type { Class } from '../base/class.js';
import { isMessageClass, schemaOf } from '../messages/schema.js';

/**
 * The name of a class in plans and errors: its message name, which a minifier does not change, or its own if it has
 * none.
 */
export function classNameOf(cls: Class): string {
  if (isMessageClass(cls)) return schemaOf(cls).name;
  return cls.name === '' ? 'a class without a name' : cls.name;
}
