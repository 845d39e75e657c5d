import { isDate } from '../../base/date.js';
import type { Json } from '../../base/json.js';
import { plainByClassTransformer } from '../class-transformer.js';
import { defaultsOf } from '../defaults.js';
import { FieldProblem, fieldPath } from '../field-problem.js';
import type { FieldType } from '../field-type.js';
import { isoText } from '../iso-time.js';
import { memberOf } from '../members.js';
import { deepest } from '../nesting.js';
import type { FieldSchema, MessageSchema } from '../schema.js';
import { schemaOf } from '../schema.js';
import { refuseFieldless } from '../undeclared.js';
import { wordsForMembers, wordsForType, wordsForValue } from '../words.js';
import { jsonOf } from './json-value.js';

/**
 * The reference implementation of writing: returns the JSON value of an element, or throws a FieldProblem if it would
 * not read back equal. The generated writers do the same for good elements, faster, and leave all others to this one.
 */
export function plainOf(schema: MessageSchema, element: unknown, path = '', depth = 0): Json {
  const fields = fieldsOf(schema, element, path, depth);
  refuseFieldless(schema, element as object, 'element');
  if (schema.codec !== 'class-transformer') return fields;
  return jsonOf(plainByClassTransformer(schema, element as object, path), path, 'converting');
}

/** Throws for an element with a field that its class does not allow. */
export function checkElement(schema: MessageSchema, element: unknown, path = '', depth = 0): void {
  fieldsOf(schema, element, path, depth);
}

export function isWritable(schema: MessageSchema, element: unknown): boolean {
  try {
    checkElement(schema, element);
    return true;
  } catch (error) {
    if (error instanceof FieldProblem) return false;
    throw error;
  }
}

function fieldsOf(schema: MessageSchema, element: unknown, path: string, depth: number): Json {
  if (typeof element !== 'object' || element === null || Array.isArray(element)) {
    throw new FieldProblem(path, `an element of ${schema.name}`, wordsForValue(element));
  }
  if (depth > deepest) throw new FieldProblem(path, `nested at most ${deepest} deep`, 'deeper');
  const plain: Record<string, Json> = {};
  for (const field of schema.fields) {
    const value = memberOf(element, field.property);
    const place = fieldPath(path, field.property);
    const written =
      value == null ? absent(schema, field, element, value, place) : plainValue(field, field.type, value, place, depth);
    if (written !== undefined) plain[field.name] = written;
  }
  return plain;
}

/** The form of null or undefined: null, or nothing. */
function absent(
  schema: MessageSchema,
  field: FieldSchema,
  element: object,
  value: null | undefined,
  path: string,
): null | undefined {
  const { optional, nullable, property } = field;
  const refuse = (found: string, fix: string): never => {
    throw new FieldProblem(path, wordsForType(field.type, nullable), found, fix);
  };
  if (value === null) {
    if (nullable || (field.type.kind === 'json' && !optional)) return null;
    return refuse('null', optional ? 'It would be read back as undefined: use that, or declare it nullable.' : '');
  }
  if (!optional) return refuse('missing', `The element has ${wordsForMembers(element, propertiesOf(schema))}.`);
  if (!defaultsOf(schema).has(property)) return undefined;
  if (!nullable) return null;
  return refuse('undefined', "It would be read back as the class's own value, and null as null: use null.");
}

function propertiesOf(schema: MessageSchema): readonly string[] {
  return schema.fields.map(({ property }) => property);
}

function plainValue(field: FieldSchema, type: FieldType, value: unknown, path: string, depth: number): Json {
  switch (type.kind) {
    case 'message':
      if (typeof value === 'object' && value !== null) return plainOf(schemaOf(type.message), value, path, depth + 1);
      break;
    case 'array':
      if (Array.isArray(value)) {
        return Array.from(value, (item, i) => plainValue(field, type.element, item, `${path}[${i}]`, depth));
      }
      break;
    case 'json':
      return jsonOf(value, path, 'exact');
    default: {
      const written = scalarOf(type, value);
      if (written !== undefined) return written;
    }
  }
  const isTooFar = type.kind === 'bigint' && typeof value === 'bigint';
  const fix = isTooFar ? 'ISO 8601 is written for the years -271821 to 275760 only.' : '';
  throw new FieldProblem(path, wordsForType(type, field.nullable && type === field.type), wordsForValue(value), fix);
}

function scalarOf(type: FieldType, value: unknown): Json | undefined {
  switch (type.kind) {
    case 'number':
      return Number.isFinite(value) ? (value as number) : undefined;
    case 'bigint':
      if (typeof value !== 'bigint') return undefined;
      return type.iso === undefined ? String(value) : isoText(value, type.iso);
    case 'date':
      return isDate(value) && !Number.isNaN(value.getTime()) ? value.toISOString() : undefined;
    case 'choice':
      return type.values.has(value as string) ? (value as string) : undefined;
    default:
      return typeof value === type.kind ? (value as string | boolean) : undefined;
  }
}
