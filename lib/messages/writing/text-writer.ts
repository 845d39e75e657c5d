import type { Class } from '../../base/class.js';
import { isDate } from '../../base/date.js';
import type { Json } from '../../base/json.js';
import type { StreamCodec } from '../codec.js';
import { defaultsOf } from '../defaults.js';
import { CodecProblem, FieldProblem, fieldPath } from '../field-problem.js';
import type { FieldType } from '../field-type.js';
import { memberOf } from '../members.js';
import type { FieldSchema, MessageSchema } from '../message-schema.js';
import { checkedSchemaOf } from '../schema.js';
import { valueOfText } from '../text-value.js';
import { wordsForType, wordsForValue } from '../words.js';
import { jsonText } from './json-value.js';
import { plainOf } from './plain-writer.js';
import { reporting, serializing } from './writer.js';

/** One text per field; undefined if the field is missing. An empty text would mean the same. */
export type Texts = readonly (string | undefined)[];

/**
 * Returns the function that converts the fields of an element to texts, for a row of CSV or the fields of an entry, in
 * the order of these names; the reader (`ReaderOptions.texts`) makes an equal element from them. Nested values are
 * JSON.
 *
 * @throws WaterMillError like `writerOf`; the function throws `WM_BAD_RESULT` for an element that could not be read
 * back equal.
 */
export function textWriterOf<T>(
  message: Class<T>,
  names: readonly string[],
  codec?: StreamCodec<T>,
): (element: T) => Texts {
  const schema = checkedSchemaOf(message);
  const { serializer } = codec ?? {};
  if (serializer !== undefined) {
    const plain = serializing(schema, serializer);
    return (element) => {
      const made = plain(element);
      return reporting(schema, () => textsOfMembers(made, names));
    };
  }
  const fields = names.map((name) => schema.fields.find((field) => field.name === name));
  const slow = (element: T): Texts => reporting(schema, () => textsOfFields(schema, fields, element));
  if (schema.codec !== undefined || fields.includes(undefined)) return slow;
  return (element) => quickTexts(fields as readonly FieldSchema[], element) ?? slow(element);
}

/** The texts of an element if its fields are plain numbers, strings and the like; otherwise undefined. */
function quickTexts(fields: readonly FieldSchema[], element: any): Texts | undefined {
  const texts: string[] = [];
  for (const { property, type } of fields) {
    const text = quickText(type.kind, element?.[property]);
    if (text === undefined) return undefined;
    texts.push(text);
  }
  return texts;
}

function quickText(kind: FieldType['kind'], value: unknown): string | undefined {
  switch (typeof value) {
    case 'number':
      return kind === 'number' && Number.isFinite(value) && !Object.is(value, -0) ? `${value}` : undefined;
    case 'string':
      return kind === 'string' && plainText.test(value) ? value : undefined;
    case 'boolean':
      return kind === 'boolean' ? `${value}` : undefined;
    case 'object':
      return kind === 'date' && isDate(value) && !Number.isNaN(value.getTime()) ? value.toISOString() : undefined;
    default:
      return undefined;
  }
}

/** Not empty, and without surrogates. */
const plainText = /^[^\ud800-\udfff]+$/;

function textsOfFields(schema: MessageSchema, fields: readonly (FieldSchema | undefined)[], element: unknown): Texts {
  const values = plainOf(schema, element) as object;
  return fields.map((field) => field && textOf(schema, field, memberOf(values, field.name) as Json | undefined));
}

function textOf(schema: MessageSchema, field: FieldSchema, value: Json | undefined): string | undefined {
  const { type, optional, nullable } = field;
  if (value === undefined) return undefined;
  if (value === null && (optional || nullable)) return textOfNull(schema, field);
  const text = typeof value === 'string' && type.kind !== 'json' ? value : jsonText(value);
  if (text === '' && (optional || nullable)) {
    throw problem(field, 'the empty string', `It would be read back as ${optional ? 'missing' : 'null'}.`);
  }
  if (type.kind === 'choice' && valueOfText(field, text) !== value) {
    throw problem(field, wordsForValue(value), `It would be read back as ${wordsForValue(valueOfText(field, text))}.`);
  }
  return wellFormed(field.name, text);
}

function textOfNull(schema: MessageSchema, field: FieldSchema): string {
  if (!field.optional) return '';
  // Undefined is written as null if a missing field would get the class's own value.
  const found = field.nullable ? 'null' : 'undefined';
  const instead = defaultsOf(schema).has(field.property) ? "the class's own value" : 'undefined';
  throw problem(field, found, `An empty text is read back as ${instead}.`);
}

function problem({ property, type, nullable }: FieldSchema, found: string, fix: string): FieldProblem {
  return new FieldProblem(fieldPath('', property), `${wordsForType(type, nullable)} that a text can hold`, found, fix);
}

function wellFormed(name: string, text: string): string {
  if (plainText.test(text) || text === '' || Buffer.from(text).toString() === text) return text;
  throw new FieldProblem(fieldPath('', name), 'text in Unicode', 'a string with half a surrogate pair');
}

/** The texts of a serializer's result, by the names of its members. */
function textsOfMembers(made: Json, names: readonly string[]): Texts {
  if (typeof made !== 'object' || made === null || Array.isArray(made)) {
    throw new CodecProblem(
      '',
      `the serializer must return an object with a member for each field, but returned ${wordsForValue(made)}.`,
    );
  }
  const other = Object.keys(made).find((name) => !names.includes(name));
  if (other !== undefined) {
    throw new CodecProblem('', `the serializer returned a member ${other}, which is none of ${names.join(', ')}.`);
  }
  return names.map((name) => {
    const value = memberOf(made, name) as Json | undefined;
    if (value === undefined) return undefined;
    return value === null ? '' : wellFormed(name, typeof value === 'string' ? value : jsonText(value));
  });
}
