import type { Class } from '../../../base/class.js';
import { isFieldProblem } from '../../../messages/field-problem.js';
import { checkedSchemaOf, type MessageSchema, type StreamCodec } from '../../../messages/index.js';
import { valuesOfTexts } from '../../../messages/text-value.js';
import { UnreadableMessage } from '../../batch.js';
import type { RedisArgument } from '../client/redis-client.js';

/**
 * Names and values in turn, as Redis returns them. A part that is not UTF-8 is bytes; so are all parts if bytes were
 * requested.
 */
export type EntryFields = readonly RedisArgument[];

/** Makes the value of an entry, for the codec or the class. */
export type EntryParser = (fields: EntryFields) => unknown;

/** The field that contains an element as JSON text. */
export const jsonField = 'json';

interface EntryForm {
  readonly fields: 'json' | 'each' | undefined;
  readonly raw: boolean;
  /** Makes the value from the texts of an entry's fields. */
  readonly converted: (texts: object) => unknown;
}

/** Returns the parser for a stream of entries of a class. */
export function parserOf(
  message: Class,
  codec: StreamCodec<any> | undefined,
  fields: 'json' | 'each' | undefined,
): EntryParser {
  const schema = codec?.deserializer === undefined ? checkedSchemaOf(message) : undefined;
  return entryParser({ fields, raw: codec?.raw === true, converted: conversionOf(schema) });
}

/** Converts texts to the types of a class's fields; undefined if a deserializer gets the texts. */
function conversionOf(schema: MessageSchema | undefined): (texts: object) => unknown {
  if (schema === undefined) return (texts) => texts;
  return (texts) => {
    try {
      return valuesOfTexts(schema, texts);
    } catch (error) {
      if (isFieldProblem(error)) return new UnreadableMessage(JSON.stringify(texts), error.message);
      throw error;
    }
  };
}

function entryParser({ fields: form, raw, converted }: EntryForm): EntryParser {
  if (raw) return rawValue;
  return (fields) => {
    if (form !== 'each' && fields.length === 2 && fields[0] === jsonField) return jsonValue(fields[1]!);
    if (form !== 'json') return eachValue(fields, converted);
    const texts = fields.filter((_, i) => i % 2 === 1 && String(fields[i - 1]) === jsonField);
    if (texts.length === 1) return jsonValue(texts[0]!);
    if (texts.length > 1) return twice(fields, jsonField);
    const found = fields.length === 0 ? 'no fields' : `the fields ${namesOf(fields)}`;
    const sentence = `the entry has no field "json", which fields: 'json' expects; found ${found}`;
    return new UnreadableMessage(shownFields(fields), sentence);
  };
}

/** Parses JSON text. */
export function jsonValue(text: RedisArgument): unknown {
  if (typeof text !== 'string') return new UnreadableMessage(text, 'it is not UTF-8');
  try {
    return JSON.parse(text);
  } catch (error) {
    return new UnreadableMessage(text, `it is not JSON: ${(error as Error).message}.`);
  }
}

function eachValue(fields: EntryFields, converted: (texts: object) => unknown): unknown {
  const texts: Record<string, string> = {};
  for (let i = 0; i < fields.length; i += 2) {
    const [name, text] = [String(fields[i]), fields[i + 1]!];
    if (typeof text !== 'string') return new UnreadableMessage(text, `the field "${name}" is not UTF-8`);
    if (Object.hasOwn(texts, name)) {
      return twice(fields, name);
    }
    // A plain assignment would set the prototype for this name.
    Object.defineProperty(texts, name, { value: text, enumerable: true, writable: true, configurable: true });
  }
  return converted(texts);
}

function twice(fields: EntryFields, name: string): UnreadableMessage {
  return new UnreadableMessage(shownFields(fields), `the entry has the field "${name}" twice`);
}

/** The bytes of an entry with one field, whatever its name. */
function rawValue(fields: EntryFields): unknown {
  if (fields.length === 2) return fields[1];
  return new UnreadableMessage(
    shownFields(fields),
    `the entry has the fields ${namesOf(fields)}, and raw: true takes the bytes of a single one`,
  );
}

function namesOf(fields: EntryFields): string {
  return fields
    .filter((_, i) => i % 2 === 0)
    .map((name) => `"${name}"`)
    .join(', ');
}

/** The fields of an entry as JSON, for people and dead letters; pairs if a name comes twice. */
function shownFields(fields: EntryFields): string {
  const pairs = fields.flatMap((name, i) => (i % 2 === 0 ? [[String(name), String(fields[i + 1])] as const] : []));
  const names = pairs.map(([name]) => name);
  return JSON.stringify(new Set(names).size < names.length ? pairs : Object.fromEntries(pairs));
}

/** The bytes of an entry: of its only field, otherwise of its fields as JSON. */
export function entryBytes(fields: EntryFields): Uint8Array {
  const lone = fields.length === 2 ? fields[1]! : shownFields(fields);
  return typeof lone === 'string' ? Buffer.from(lone) : lone;
}
