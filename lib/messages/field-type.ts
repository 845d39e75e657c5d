import type { Class, MessageClass } from '../base/class.js';
import { isDateClass } from '../base/date.js';
import type { IsoUnit } from './iso-time.js';

export type Choice = string | number | boolean;

/** An enum, or an object that is used as one. */
export type EnumObject = Readonly<Record<string, Choice>>;

/**
 * A named type of a field: `Number`, `String`, `Boolean`, `Date`, `BigInt`, a message class, an enum object, `Object`
 * for any JSON, or an array of one of them: `[Item]`, `[[Number]]`.
 */
export type TypeReference = Class | BigIntConstructor | EnumObject | readonly TypeReference[];

export type FieldType =
  | { readonly kind: 'number' | 'string' | 'boolean' | 'json' }
  /** `cuts`: digits beyond its resolution are cut off, not refused. */
  | { readonly kind: 'date'; readonly cuts?: boolean }
  /** `iso`: an ISO 8601 text in messages, the number of these units since 1970 in memory. */
  | { readonly kind: 'bigint'; readonly iso?: IsoUnit; readonly cuts?: boolean }
  | { readonly kind: 'choice'; readonly values: ReadonlySet<Choice> }
  | { readonly kind: 'message'; readonly message: MessageClass<any> }
  | { readonly kind: 'array'; readonly element: FieldType };

const dateType: FieldType = { kind: 'date' };

const namedTypes = new Map<unknown, FieldType>([
  [Number, { kind: 'number' }],
  [BigInt, { kind: 'bigint' }],
  [String, { kind: 'string' }],
  [Boolean, { kind: 'boolean' }],
  [Object, { kind: 'json' }],
]);

/** Returns whether this is one of JavaScript's own types that a field can have. */
export function isNamedType(value: unknown): boolean {
  return namedTypes.has(value) || isDateClass(value);
}

/** Built-in classes that define a container, but not its contents or its form in JSON. */
const unreadable = new Set<unknown>([Array, Function, Map, Set, Symbol, Promise, RegExp, Error, Uint8Array, Buffer]);

/** The type of a reference; undefined if it is not one. Whether a class is a message class is checked later. */
export function typeOfReference(reference: unknown): FieldType | undefined {
  const named = isDateClass(reference) ? dateType : namedTypes.get(reference);
  if (named !== undefined) return named;
  if (Array.isArray(reference)) {
    const element = reference.length === 1 ? typeOfReference(reference[0]) : undefined;
    return element && { kind: 'array', element };
  }
  if (typeof reference === 'function') {
    const isClass = reference.prototype !== undefined && !unreadable.has(reference);
    return isClass ? { kind: 'message', message: reference as MessageClass } : undefined;
  }
  return typeof reference === 'object' && reference !== null ? choiceOf(enumValues(reference)) : undefined;
}

/** The type with only these values; undefined if JSON cannot distinguish them. */
export function choiceOf(values: readonly unknown[]): FieldType | undefined {
  if (values.length === 0 || !values.every(isChoice)) return undefined;
  return { kind: 'choice', values: new Set(values) };
}

function isChoice(value: unknown): value is Choice {
  return typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value);
}

/** An enum with numbers also maps each number back to its name; those entries are not values. */
function enumValues(enumObject: object): unknown[] {
  const entries = Object.entries(enumObject);
  const isBackwards = ([key, value]: [string, unknown]): boolean =>
    typeof value === 'string' && String(Number(key)) === key && (enumObject as any)[value] === Number(key);
  return entries.filter((entry) => !isBackwards(entry)).map(([, value]) => value);
}
