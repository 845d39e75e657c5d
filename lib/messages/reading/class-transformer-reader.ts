import { classTransformerFor, guarded } from '../class-transformer.js';
import type { MessageSchema } from '../message-schema.js';
import { checkElement } from '../writing/plain-writer.js';

/**
 * class-transformer makes NaN of "abc", 0 of "" and 1 of true silently. So the fields with `@Field` are checked in
 * the message first, and in the element that it made afterwards.
 */
export function readByClassTransformer(
  schema: MessageSchema,
  value: unknown,
  checkFields: () => void,
  path: string,
): object {
  checkFields();
  const { plainToInstance } = classTransformerFor(schema);
  const made = guarded(path, 'read', () => plainToInstance(schema.message, value)) as object;
  checkElement(schema, made, path);
  return made;
}
