import type { MessageClass } from '../base/class.js';
import { shownText } from '../base/shown-text.js';
import { type Key, keyType } from '../expressions/key.js';
import { printKey } from '../expressions/key-text.js';
import { type FieldSchema, readerOf, schemaOf } from '../messages/index.js';
import { keyOfColumns } from './column-keys.js';
import { commandError } from './command-error.js';
import type { CsvFile } from './csv-file.js';

/** The key of a value in a file, in the library's order. Throws if it has none. */
export type KeyOfValue = (value: unknown) => Key;

/**
 * Keys by the names of fields: `departure`, `airport,departure` for a tuple, or a path such as `position.at` for nested
 * fields. With a class, values are read by it, so that its Dates are dates.
 */
export function keyOfValues(fields: string, message: MessageClass<any> | undefined): KeyOfValue {
  const paths = fields.split(',').map((field) => field.trim().split('.'));
  if (paths.some((path) => path.includes(''))) {
    throw commandError(
      `The key "${shownText(fields, 200)}": expected the names of fields, as departure, or airport,departure.`,
    );
  }
  if (message !== undefined) for (const [property = ''] of paths) checkProperty(message, property);
  const parts = paths.map((path) => (value: unknown) => {
    const found = at(value, path);
    return message === undefined ? exact(found, path) : found;
  });
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return (value) => checked(only(value), fields);
  return (value) =>
    checked(
      parts.map((part) => part(value)),
      fields,
    );
}

/** Like `keyOfValues`, for rows of CSV. Without a class the names are those of columns. */
export function keyOfRows(
  file: CsvFile,
  fields: string,
  message: MessageClass<any> | undefined,
): KeyOfValue | Promise<KeyOfValue> {
  return message === undefined ? keyOfColumns(file, columnsOf(fields)) : keyOfValues(fields, message);
}

/** The columns that the key needs; with a class, the class decides. */
export function neededColumns(fields: string | undefined, message: MessageClass<any> | undefined): readonly string[] {
  return fields === undefined || message !== undefined ? [] : columnsOf(fields);
}

function columnsOf(fields: string): string[] {
  return fields.split(',').map((field) => field.trim());
}

/** Makes elements from the values of a file, or from its rows of texts; without a class they are unchanged. */
export function readerFor(message: MessageClass<any> | undefined, texts = false): (value: unknown) => unknown {
  if (message === undefined) return (value) => value;
  return readerOf(message, undefined, texts ? { texts } : { acceptPropertyNames: true });
}

function checkProperty(message: MessageClass<any>, property: string): void {
  const { fields, name } = schemaOf(message);
  const names = fields.map((field: FieldSchema) => field.property);
  if (!names.includes(property)) {
    throw commandError(`${name} has no field ${shownText(property, 200)}. It has ${names.join(', ')}.`, {
      field: property,
    });
  }
}

function at(value: unknown, path: readonly string[]): unknown {
  let found = value;
  for (const name of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, name)) return undefined;
    found = (found as Record<string, unknown>)[name];
  }
  return found;
}

/** Refuses an integer that may have lost digits when it was parsed: elements with different ones would seem equal. */
function exact(key: unknown, path: readonly string[]): unknown {
  if (!Number.isInteger(key) || Number.isSafeInteger(key)) return key;
  throw new TypeError(
    `the key ${path.join('.')} is about ${key}, which a number cannot represent exactly: declare its type by a class, --class (number, if the last digits do not matter)`,
  );
}

function checked(key: unknown, fields: string): Key {
  if (keyType(key) !== undefined) return key as Key;
  throw new TypeError(`the key ${fields} is ${printKey(key)}, expected a number, text, boolean or date`);
}
