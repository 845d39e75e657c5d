import type { MessageClass } from '../base/class.js';
import { isDate } from '../base/date.js';
import { classOf, safely, shownValue } from '../base/shown-value.js';
import { WaterMillError } from '../base/watermill-error.js';
import { accessorsOf } from '../messages/assigning.js';
import { blankOf } from '../messages/blank.js';
import { declaredCopierOf, shallowCopierOf } from '../messages/copy.js';
import type { FieldType } from '../messages/field-type.js';
import { copierOf, type Init, isMessageClass, type MessageSchema, message, schemaOf } from '../messages/index.js';
import { isPlainObject } from '../messages/members.js';
import { declaredMakerOf } from '../messages/message.js';

/**
 * What a table keeps of the elements that are put into it: its own copy, frozen, with nothing but what a restart would
 * give again. So what is kept changes only by `put`.
 */
export class KeptElements<T extends object> {
  private readonly schema: MessageSchema<T>;
  private readonly copy: (element: T) => T;
  /** Of an element that has just the declared fields, as nearly all have. */
  private readonly copyDeclared: (element: unknown) => T | undefined;
  /** Of fields that are declared, and nothing else. */
  private readonly makeDeclared: (fields: unknown) => T | undefined;
  private readonly copyTop: (element: T) => T;
  /** Whether there is nothing inside an element that could change. */
  private readonly isFlat: boolean;
  /** Freezing leaves Dates alone, so those that are given away are copies. */
  private readonly hasDates: boolean;
  /** Undefined: the class keeps what it holds where it likes. */
  private readonly names: ReadonlySet<string> | undefined;
  /** The fields with elements inside. */
  private readonly nested: MessageSchema<T>['fields'];
  /** A kept element is frozen when it is shown, and not before. */
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
    this.copyTop = shallowCopierOf(message) as (element: T) => T;
    const types = schema.fields.map(({ type }) => type);
    this.isFlat = types.every(isScalar);
    this.nested = schema.fields.filter(({ type }) => holdsElements(type));
    this.hasDates = types.some((type) => holdsDates(type));
    const known = [...schema.fields.map(({ property }) => property), ...Object.keys(blankOf(schema))];
    this.names = accessorsOf(schema).size > 0 ? undefined : new Set(known);
  }

  /** Throws `WM_TABLE_ELEMENT` for what is neither an element of the class nor its fields. */
  keep(given: T | Init<T>): T {
    const own = this.checked(given);
    return this.frozen(this.nested.length === 0 ? own : this.withClasses(own));
  }

  /** The same where only `another` is given away: an element with nothing inside need not be frozen then, which costs more than a copy. */
  keepLoose(given: T | Init<T>): T {
    if (!this.isFlat) return this.keep(given);
    this.isLoose = true;
    return this.checked(given);
  }

  /** An element like one that is kept, to hand out; what is inside is frozen. */
  another(kept: T): T {
    return this.hasDates ? this.copy(kept) : this.copyTop(kept);
  }

  /** Whether what is kept can be given away as it is. */
  get isShownAsKept(): boolean {
    return !this.hasDates && !this.isLoose;
  }

  /** An element that was read from where it had been written. */
  restored(element: T): T {
    return this.frozen(element);
  }

  /** What a kept element is given away as. */
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

  /** An element that was given as fields is of its class also inside, as it is when it is read again. */
  private withClasses(own: any): T {
    for (const { property, type } of this.nested) own[property] = ofClass(own[property], type);
    return own;
  }

  private own(given: T | Init<T>): T {
    if (typeof given !== 'object' || given === null || Array.isArray(given)) throw this.wrong(given);
    const type = safely(() => given.constructor);
    if (type === this.message) return this.copy(given as T);
    const isElement = given instanceof this.message;
    if (!isElement && isMessageClass(type)) throw this.wrong(given);
    return this.unshared(message(this.message, (isElement ? this.fieldsOf(given as T) : given) as Init<T>));
  }

  /** An element made from fields holds their Dates and lists themselves. */
  private unshared(made: T): T {
    return this.isFlat && !this.hasDates ? made : this.copy(made);
  }

  /** Of an element whose class extends that of the table. */
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
    return new WaterMillError(
      'WM_TABLE_ELEMENT',
      `${this.table}.put(): expected an element of ${name}, or its fields, found ${found}. ` +
        `Make one: put(message(${name}, { … })).`,
      { table: this.table, message: name, expected: name, found },
    );
  }

  private undeclared(member: string): WaterMillError {
    const { name } = this.schema;
    return new WaterMillError(
      'WM_TABLE_ELEMENT',
      `${this.table}.put(): the element has ${member}, which is not a field of ${name}, so a restart would not give it again. ` +
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

/** A value of one's own. What is of a class already is left as it is. */
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

/** Freezes an element and what is inside it, but for Dates, which have no such state. */
function freezeOwn<V>(value: V): V {
  if (typeof value !== 'object' || value === null || isDate(value) || ArrayBuffer.isView(value)) return value;
  if (Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const member of Object.values(value)) freezeOwn(member);
  return value;
}
