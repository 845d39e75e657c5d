import type { MessageClass } from '../base/class.js';
import { thrownSentence } from '../base/thrown.js';
import { WaterMillError } from '../base/watermill-error.js';
import type { BadMessage } from '../messages/bad-message.js';
import { schemaOf } from '../messages/schema.js';
import { type LetterSource, noteLetterSource } from './letter-source.js';

/** Makes an element of a dead-letter class: fills those fields of `BadMessage` that the class has. */
export function deadLetterOf(message: MessageClass<any>, source: LetterSource): object {
  const { stream, position, raw, error } = source;
  const letter: BadMessage = { stream, position, raw: rawText(raw), error };
  const made = filled(message, letter);
  noteLetterSource(made, source);
  return made;
}

function filled(message: MessageClass<any>, letter: BadMessage): object {
  const schema = schemaOf(message);
  const names = new Set(schema.fields.map((field) => field.property));
  try {
    const made = new message();
    for (const [name, value] of Object.entries(letter)) if (names.has(name)) made[name] = value;
    return made;
  } catch (cause) {
    throw new WaterMillError(
      'WM_DEAD_LETTER',
      `A dead letter of class ${schema.name} could not be made: ${thrownSentence(cause)} Its constructor must work without arguments, and its fields must accept the values of a dead letter.`,
      { message: schema.name },
      { cause },
    );
  }
}

const encodedPrefix = 'base64:';

/**
 * A message as text, unchanged; bytes that are not text are encoded, with the prefix `base64:`. So is a text that begins
 * with that prefix, which otherwise would look like one.
 */
export function rawText(raw: Uint8Array | string): string {
  const text = typeof raw === 'string' ? raw : textOf(raw);
  if (text !== undefined && !text.startsWith(encodedPrefix)) return text;
  const bytes = typeof raw === 'string' ? Buffer.from(raw) : Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
  return `${encodedPrefix}${bytes.toString('base64')}`;
}

/** Undefined if the bytes are not UTF-8. */
function textOf(bytes: Uint8Array): string | undefined {
  try {
    // A byte order mark is part of the message.
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
