import { assign, expectAssignable } from '../assigning.js';
import { classTransformerFor, guarded } from '../class-transformer.js';
import { copyValue } from '../copy.js';
import { defaultsOf, sharedDefaultsOf } from '../defaults.js';
import { FieldProblem, fieldPath } from '../field-problem.js';
import type { FieldType } from '../field-type.js';
import { type IsoUnit, isOtherForm, lacksZone } from '../iso-time.js';
import { isPlainObject, memberOf } from '../members.js';
import { deepest, isTooDeep } from '../nesting.js';
import { bigintOf, dateOf, instantOf } from '../scalars.js';
import type { FieldSchema, MessageSchema } from '../schema.js';
import { schemaOf } from '../schema.js';
import { valuesOfTexts } from '../text-value.js';
import { refuseFieldless, refuseUndeclared } from '../undeclared.js';
import { wordsForMembers, wordsForType, wordsForValue } from '../words.js';
import { checkElement } from '../writing/plain-writer.js';
import type { Naming } from './naming.js';
import { namesOf } from './naming.js';

/**
 * The reference implementation of reading: makes the element of a value, or throws the FieldProblem that says why there
 * is none. The generated readers do the same for good values, faster, and leave all others to this one.
 */
export function readMessage(schema: MessageSchema, value: unknown, naming: Naming, path = '', depth = 0): object {
  if (value instanceof schema.message) {
    if (naming === 'property') checkElement(schema, value, path, depth);
    return value;
  }
  if (naming === 'text') {
    return readMessage(schema, isObject(value) ? valuesOfTexts(schema, value) : value, 'wire', path, depth);
  }
  if (schema.codec === 'class-transformer' && naming !== 'property') {
    return readByClassTransformer(schema, value, () => readFields(schema, value, naming, path, depth), path);
  }
  return readFields(schema, value, naming, path, depth);
}

function readFields(schema: MessageSchema, value: unknown, naming: Naming, path: string, depth: number): object {
  if (!isObject(value)) {
    throw new FieldProblem(path, `an object with the fields of ${schema.name}`, wordsForValue(value));
  }
  if (depth > deepest) throw new FieldProblem(path, `nested at most ${deepest} deep`, 'deeper');
  expectAssignable(
    schema,
    schema.fields.map(({ property }) => property),
  );
  if (isPlainObject(value)) refuseUndeclared(schema, value);
  if (!schema.strict) refuseFieldless(schema, value, 'message');
  const element = new schema.message();
  // An instance of a class has its fields by property, even if another field has that name in messages.
  const names = naming === 'either' && !isPlainObject(value) ? 'property' : naming;
  for (const field of schema.fields) readField(schema, field, value, element, { names, naming, path, depth });
  if (schema.strict) refuseUnknown(schema, value, names, path);
  return element;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

interface Place {
  readonly names: Naming;
  /** For nested values, whose form may differ from their parent's. */
  readonly naming: Naming;
  readonly path: string;
  readonly depth: number;
}

function readField(schema: MessageSchema, field: FieldSchema, value: object, element: any, place: Place): void {
  const { naming, path, depth } = place;
  const names = namesOf(field, place.names);
  const name = names.find((candidate) => memberOf(value, candidate) !== undefined) ?? names[0]!;
  const found = memberOf(value, name);
  const hasDefault = defaultsOf(schema).has(field.property);
  const store = (stored: unknown): void => assign(schema, element, field.property, stored, fieldPath(path, name));
  if (found === undefined) {
    if (sharedDefaultsOf(schema).has(field.property)) store(copyValue(element[field.property]));
    if (field.optional || hasDefault) return;
    const expected = wordsForType(field.type, field.nullable);
    throw new FieldProblem(fieldPath(path, name), expected, 'missing', adviceForMissing(schema, value, names, place));
  }
  if (found === null && field.nullable) {
    store(null);
  } else if (found === null && field.optional) {
    if (hasDefault) store(undefined);
  } else {
    store(readValue(field.type, found, naming, fieldPath(path, name), depth, field.nullable));
  }
}

function readValue(
  type: FieldType,
  value: unknown,
  naming: Naming,
  path: string,
  depth: number,
  nullable = false,
): unknown {
  switch (type.kind) {
    case 'message':
      if (typeof value === 'object' && value !== null)
        return readMessage(schemaOf(type.message), value, naming, path, depth + 1);
      break;
    case 'array':
      if (Array.isArray(value)) return readArray(type.element, value, naming, path, depth);
      break;
    case 'json':
      if (!isTooDeep(value)) return value;
      throw new FieldProblem(path, `nested at most ${deepest} deep`, 'deeper (or holds itself)');
    default: {
      const read = readScalar(type, value);
      if (read !== undefined) return read;
    }
  }
  throw new FieldProblem(path, wordsForType(type, nullable), wordsForValue(value), adviceForValue(type, value));
}

function readArray(type: FieldType, values: unknown[], naming: Naming, path: string, depth: number): unknown[] {
  // Array.from visits holes, which map would skip.
  return Array.from(values, (value, i) => readValue(type, value, naming, `${path}[${i}]`, depth));
}

function readScalar(type: FieldType, value: unknown): unknown {
  switch (type.kind) {
    case 'number':
      return Number.isFinite(value) ? value : undefined;
    case 'string':
    case 'boolean':
      return typeof value === type.kind ? value : undefined;
    case 'bigint':
      return type.iso === undefined ? bigintOf(value) : instantOf(value, type.iso, type.cuts === true);
    case 'date':
      return dateOf(value, type.cuts === true);
    case 'choice':
      return type.values.has(value as string) ? value : undefined;
    default:
      return value;
  }
}

function refuseUnknown(schema: MessageSchema, value: object, naming: Naming, path: string): void {
  const known = new Set(schema.fields.flatMap((field) => namesOf(field, naming)));
  const unknown = Object.keys(value).find((name) => !known.has(name));
  if (unknown === undefined) return;
  const expected = `left out, since ${schema.name} is strict and has the fields ${[...known].join(', ')}`;
  throw new FieldProblem(fieldPath(path, unknown), expected, 'there');
}

/** A name that differs only in case or underscores is most likely the one that was meant. */
function adviceForMissing(schema: MessageSchema, value: object, names: readonly string[], place: Place): string {
  const folded = (name: string): string => name.replace(/[_-]/g, '').toLowerCase();
  const wanted = names.map(folded);
  const similar = Object.keys(value).find((name) => !names.includes(name) && wanted.includes(folded(name)));
  if (similar !== undefined) return `The message has ${similar}: @Field({ name: '${similar}' }) reads that.`;
  const known = schema.fields.flatMap((field) => namesOf(field, place.names));
  const found = `${place.path === '' ? 'The message' : `Field ${place.path}`} has ${wordsForMembers(value, known)}.`;
  return `${found} If it may be missing, declare it so: @Field({ optional: true }).`;
}

function adviceForValue(type: FieldType, value: unknown): string {
  switch (type.kind) {
    case 'bigint':
      if (type.iso !== undefined) return adviceForInstant(type.iso, value);
      return Number.isInteger(value) ? 'It lost digits when it was parsed: have it written as a string.' : '';
    case 'date':
      return adviceForDate(value);
    default:
      return '';
  }
}

const adviceForZone =
  'Without a zone it is another instant on every machine: add Z or an offset, or give the stream a deserializer.';

const adviceForForm = 'Write it as in 2024-05-01T12:00:00.000+05:30, with Z or an offset at its end.';

/** Digits that a Date or an instant would lose need a finer field, or the option to cut them. */
function adviceForDate(value: unknown): string {
  if (typeof value === 'string' && lacksZone(value)) return adviceForZone;
  if (typeof value === 'string' && isOtherForm(value)) return adviceForForm;
  if (dateOf(value, true) === undefined) return '';
  const finer =
    typeof value === 'string'
      ? "keep them with @Field(() => BigInt, { iso: 'us' }), or { iso: 'ns' } for nanoseconds"
      : 'keep them with @Field(() => Number)';
  return `A Date holds no digits below the millisecond: ${finer}; or cut them with @Field(() => Date, { fraction: 'cut' }).`;
}

function adviceForInstant(unit: IsoUnit, value: unknown): string {
  if (typeof value !== 'string') return '';
  if (lacksZone(value)) return adviceForZone;
  if (isOtherForm(value)) return adviceForForm;
  if (instantOf(value, unit, true) === undefined) return '';
  const finer = unit === 'us' ? "keep nanoseconds with { iso: 'ns' }; or " : '';
  return `It has more digits than that: ${finer}cut them with @Field(() => BigInt, { iso: '${unit}', fraction: 'cut' }).`;
}

/**
 * class-transformer silently converts "abc" to NaN, "" to 0 and true to 1. So the fields with `@Field` are checked in
 * the message before, and in the element afterwards.
 */
function readByClassTransformer(schema: MessageSchema, value: unknown, checkFields: () => void, path: string): object {
  checkFields();
  const { plainToInstance } = classTransformerFor(schema);
  const made = guarded(path, 'read', () => plainToInstance(schema.message, value)) as object;
  checkElement(schema, made, path);
  return made;
}
