import { safely, shownValue } from '../base/shown-value.js';
import { isUnreadable } from '../brokers/batch.js';
import type { InputRequest } from '../brokers/broker.js';
import { readerOf, writerOf } from '../messages/index.js';
import { jsonOf, jsonText } from '../messages/writing/json-value.js';

/**
 * Returns the function that converts a value of an input to a line for recording: one that is read as an equal element,
 * or is bad if the value is. It is the value itself or, if only the broker can read it, the element, written by its
 * class. It never throws.
 */
export function lineOf({ message, entry }: InputRequest): (value: unknown) => string {
  const { codec, acceptPropertyNames = false, texts = false } = entry;
  const write = writerOf(message);
  const isReadByBroker = codec?.deserializer !== undefined || acceptPropertyNames || texts;
  const options = { acceptPropertyNames, texts, sharesValues: true };
  const read = isReadByBroker ? readerOf(message, codec, options) : undefined;
  const readInReplay = readerOf(message, undefined, { sharesValues: true });
  /** What the broker refuses may be valid for the class, which reads it in a replay. */
  const refused = (line: string): string =>
    safely(() => readInReplay(JSON.parse(line))) === undefined ? line : unreadable(line);
  return (value) => {
    if (isUnreadable(value)) return unreadable(value.raw);
    if (read !== undefined) {
      const element = safely(() => read(value));
      if (element === undefined) return refused(asItCame(value));
      return safely(() => write(element)) ?? asItCame(value);
    }
    const isElement = safely(() => value instanceof message) === true;
    return (isElement ? safely(() => write(value)) : undefined) ?? asItCame(value);
  };
}

function asItCame(value: unknown): string {
  if (value instanceof Uint8Array) return unreadable(value);
  return safely(() => jsonText(jsonOf(value, '', 'recording'))) ?? unreadable(shownValue(value));
}

/** An unreadable value stays unreadable: its line must not happen to be valid. */
function unreadable(raw: Uint8Array | string): string {
  const text = typeof raw === 'string' ? raw : Buffer.from(raw).toString('utf8');
  const line = text.replace(/[\r\n]/g, ' ');
  // A file of lines is read without the byte order mark at its beginning.
  return line.trim() === '' || isJson(line.replace(/^\ufeff/, '')) ? `unreadable: ${line}` : line;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
