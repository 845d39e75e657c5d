import type { MessageClass } from '../base/class.js';
import { isDate } from '../base/date.js';
import { classOf, safely, shownValue } from '../base/shown-value.js';
import { WaterMillError } from '../base/watermill-error.js';
import { accessorsOf } from '../messages/assigning.js';
import { blankOf } from '../messages/blank.js';
import { isPromise } from '../messages/codec.js';
import { declaredCopierOf, shallowCopierOf } from '../messages/copy.js';
import type { FieldType } from '../messages/field-type.js';
import {
  checkedCopierOf,
  copierOf,
  type Init,
  isMessageClass,
  type MessageSchema,
  message,
  schemaOf,
} from '../messages/index.js';
import { isPlainObject } from '../messages/members.js';
import { declaredMakerOf } from '../messages/message.js';

/**
 * Makes the elements that a table keeps: copies, frozen, with only those properties that a restart would restore. So
 * only `put` changes a table.
 */
export class KeptElements<T extends object> {
  private readonly schema: MessageSchema<T>;
  private readonly copy: (element: T) => T;
  /** Copies an element that has exactly the declared fields, as nearly all have. */
  private readonly copyDeclared: (element: unknown) => T | undefined;
  /** Makes an element from declared fields only. */
  private readonly makeDeclared: (fields: unknown) => T | undefined;
  private readonly copyChecked: (given: unknown) => T | undefined;
  /** Returns a copy of a kept element; nested objects are frozen. */
  readonly another: (kept: T) => T;
  /** Elements contain nothing mutable. */
  private readonly isFlat: boolean;
  /** Freezing does not affect Dates, so elements with Dates are copied before they are returned. */
  private readonly hasDates: boolean;
  /** Undefined if the class stores other members than its fields. */
  private readonly names: ReadonlySet<string> | undefined;
  /** The fields that contain elements. */
  private readonly nested: MessageSchema<T>['fields'];
  /** Kept elements are frozen when they are returned, not before. */
  private isLoose = false;

  constructor(
    private readonly table: string,
    private readonly message: MessageClass<T>,
  ) {
    const schema = schemaOf(message);
    this.schema = schema;
    this.copy = copierOf(message) as (element: T) => T;
    this.copyDeclared = declaredCopierOf(message) as (element: unknown) => T | undefined;
    this.makeDeclared = declaredMakerOf(message) as (fields: unknown) => T | undefined;
    this.copyChecked = checkedCopierOf(message) as (given: unknown) => T | undefined;
    const types = schema.fields.map(({ type }) => type);
    this.isFlat = types.every(isScalar);
    this.nested = schema.fields.filter(({ type }) => holdsElements(type));
    this.hasDates = types.some((type) => holdsDates(type));
    this.another = this.hasDates ? this.copy : (shallowCopierOf(message) as (element: T) => T);
    const known = [...schema.fields.map(({ property }) => property), ...Object.keys(blankOf(schema))];
    this.names = accessorsOf(schema).size > 0 ? undefined : new Set(known);
  }

  /** Copies an element, or makes one from its fields. Throws `WM_TABLE_ELEMENT` for anything else. */
  keep(given: T | Init<T>): T {
    const own = this.checked(given);
    return this.frozen(this.nested.length === 0 ? own : this.withClasses(own));
  }

  /**
   * Like `keep`, for elements that are returned only by `another`: an element without nested objects is not frozen
   * then, since that costs more than a copy.
   */
  keepLoose(given: T | Init<T>): T {
    if (!this.isFlat) return this.keep(given);
    this.isLoose = true;
    return this.checked(given);
  }

  /**
   * The same for an element that needs only a quick check, and none before it is written. Returns undefined for others.
   */
  keepChecked(given: T | Init<T>): T | undefined {
    const kept = this.copyChecked(given);
    if (kept !== undefined) this.isLoose = true;
    return kept;
  }

  /** Kept elements are scalars of their own: they never change, and reading them runs no code of their class. */
  get isConstant(): boolean {
    return this.isFlat && !this.hasDates && this.names !== undefined;
  }

  /** Returns whether kept elements can be returned without a copy. */
  get isShownAsKept(): boolean {
    return !this.hasDates && !this.isLoose;
  }

  /** Converts an element that was read back. */
  restored(element: T): T {
    return this.frozen(element);
  }

  /** Returns a kept element in the form in which it may be passed out. */
  shown(kept: T): T {
    if (this.hasDates) return this.frozen(this.copy(kept));
    return this.isLoose ? this.frozen(kept) : kept;
  }

  private checked(given: T | Init<T>): T {
    const areFields = (given as object | null | undefined)?.constructor === Object;
    const declared = areFields ? this.makeDeclared(given) : this.copyDeclared(given);
    if (declared !== undefined) return areFields ? this.unshared(declared) : declared;
    const kept = this.own(given);
    const { names } = this;
    if (names !== undefined) for (const name in kept) if (!names.has(name)) throw this.undeclared(name);
    return kept;
  }

  /** Converts nested fields to their classes, as when the element is read back. */
  private withClasses(own: any): T {
    for (const { property, type } of this.nested) own[property] = ofClass(own[property], type);
    return own;
  }

  private own(given: T | Init<T>): T {
    if (typeof given !== 'object' || given === null || Array.isArray(given) || isPromise(given))
      throw this.wrong(given);
    const type = safely(() => given.constructor);
    if (type === this.message) return this.copy(given as T);
    const isElement = given instanceof this.message;
    if (!isElement && isMessageClass(type)) throw this.wrong(given);
    return this.unshared(message(this.message, (isElement ? this.fieldsOf(given as T) : given) as Init<T>));
  }

  /** An element made from fields shares their Dates and lists. */
  private unshared(made: T): T {
    return this.isFlat && !this.hasDates ? made : this.copy(made);
  }

  /** The fields of an element whose class extends that of the table. */
  private fieldsOf(element: any): object {
    return Object.fromEntries(this.schema.fields.map(({ property }) => [property, element[property]]));
  }

  private frozen(own: T): T {
    return this.isFlat ? Object.freeze(own) : freezeOwn(own);
  }

  private wrong(given: unknown): WaterMillError {
    const { name } = this.schema;
    const isObject = typeof given === 'object' && given !== null;
    const found = (isObject ? classOf(given) : undefined) ?? shownValue(given);
    const remedy = isPromise(given) ? 'Await it first.' : `Make one: put(message(${name}, { … })).`;
    return new WaterMillError(
      'WM_TABLE_ELEMENT',
      `${this.table}.put(): expected an element of ${name}, or its fields, found ${found}. ${remedy}`,
      { table: this.table, message: name, expected: name, found },
    );
  }

  private undeclared(member: string): WaterMillError {
    const { name } = this.schema;
    return new WaterMillError(
      'WM_TABLE_ELEMENT',
      `${this.table}.put(): the element has ${member}, which is not a field of ${name}, so a restart would not restore it. ` +
        `Declare it with @Field, or leave it out.`,
      { table: this.table, message: name, field: member },
    );
  }
}

function isScalar({ kind }: FieldType): boolean {
  return kind !== 'json' && kind !== 'message' && kind !== 'array';
}

function holdsElements(type: FieldType): boolean {
  return type.kind === 'message' || (type.kind === 'array' && holdsElements(type.element));
}

/** Converts a value to its class, unless it is an instance already. */
function ofClass(value: any, type: FieldType): unknown {
  if (type.kind === 'array' && Array.isArray(value)) return value.map((item) => ofClass(item, type.element));
  if (type.kind !== 'message' || typeof value !== 'object' || value === null || !isPlainObject(value)) return value;
  const fields = schemaOf(type.message).fields.filter(({ property }) => Object.hasOwn(value, property));
  const parts = fields.map(({ property, type: inner }) => [property, ofClass(value[property], inner)]);
  return message(type.message, Object.fromEntries(parts));
}

function holdsDates(type: FieldType, seen = new Set<unknown>()): boolean {
  if (type.kind === 'array') return holdsDates(type.element, seen);
  if (type.kind !== 'message') return type.kind === 'date';
  if (seen.has(type.message)) return false;
  seen.add(type.message);
  return schemaOf(type.message).fields.some((field) => holdsDates(field.type, seen));
}

/** Freezes an element and its nested objects, except for Dates. */
function freezeOwn<V>(value: V): V {
  if (typeof value !== 'object' || value === null || isDate(value) || ArrayBuffer.isView(value)) return value;
  if (Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const member of Object.values(value)) freezeOwn(member);
  return value;
}
