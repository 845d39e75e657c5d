import type { Class } from '../base/class.js';
import { isMessageClass, schemaOf } from '../messages/schema.js';

/** What plans and errors call a class: its message name, which outlives minifiers, or its own while it has none. */
export function classNameOf(cls: Class): string {
  if (isMessageClass(cls)) return schemaOf(cls).name;
  return cls.name === '' ? 'a class without a name' : cls.name;
}
