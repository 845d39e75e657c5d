import type { MessageClass } from '../../base/class.js';
import { type LetterSource, noteLetterSource } from '../../brokers/letter-source.js';
import type { BadMessage } from '../../messages/bad-message.js';
import { schemaOf } from '../../messages/schema.js';

/** An element of a dead-letter class: those of `BadMessage`'s fields that it has. */
export function deadLetterOf(message: MessageClass<any>, source: LetterSource): object {
  const { stream, position, raw, error } = source;
  const letter: BadMessage = { stream, position, raw: rawText(raw), error };
  const made = new message();
  const names = new Set(schemaOf(message).fields.map((field) => field.property));
  for (const [name, value] of Object.entries(letter)) if (names.has(name)) made[name] = value;
  noteLetterSource(made, source);
  return made;
}

/** Bytes and text as they are, other values as JSON. */
export function rawOf(value: unknown): Uint8Array | string {
  return typeof value === 'string' || value instanceof Uint8Array ? value : jsonText(value);
}

/** A message as it came, as text: what is no text is told by `base64:`. */
function rawText(raw: Uint8Array | string): string {
  if (typeof raw === 'string') return raw;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(raw);
  } catch {
    return `base64:${Buffer.from(raw).toString('base64')}`;
  }
}

/** For elements and values of any kind: a bigint or a cycle must not turn a dead letter into a failure. */
function jsonText(value: unknown): string {
  try {
    return JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? String(part) : part)) ?? String(value);
  } catch {
    return String(value);
  }
}
