import type { MessageClass } from '../base/class.js';
import { compile } from '../base/compile.js';
import { isDate, RealDate } from '../base/date.js';
import { madeOnce } from '../base/made-once.js';
import { accessorsOf, isAssignable } from './assigning.js';
import { blankOf } from './blank.js';
import { defaultsOf } from './defaults.js';
import { isPlainObject, memberText } from './members.js';
import type { MessageSchema } from './message-schema.js';
import { isMessageClass, schemaOf } from './schema.js';

type Copier = (element: any) => object;

/**
 * Returns the function that copies an element: its class, whatever it is, and all of its properties. Mutable contents
 * are copied as well: arrays, plain objects, Maps, Sets, Dates, elements of message classes.
 */
export const copierOf: (message: MessageClass<any>) => Copier = madeOnce(
  (message) =>
    makeCopier(message, { more: 'fill(copy, element, new Map())', other: 'copyMembers(element)' }) ?? copyMembers,
);

/**
 * Like `copierOf`, for elements of exactly this class without other properties than its fields; the function returns
 * undefined for all others.
 */
export const declaredCopierOf: (message: MessageClass<any>) => (element: any) => object | undefined = madeOnce(
  (message) => makeCopier(message, { more: 'undefined', other: 'undefined' }) ?? (() => undefined),
);

/** Returns the function that makes shallow copies of elements of the class. */
export const shallowCopierOf: (message: MessageClass<any>) => Copier = madeOnce((message) => {
  const known = new Set(schemaOf(message).fields.map(({ property }) => property));
  const hasMore = Object.keys(blankOf(schemaOf(message))).some((name) => !known.has(name));
  const made = hasMore ? undefined : makeCopier(message, { more: undefined, other: 'copyMembers(element)' });
  return made ?? copierOf(message);
});

/**
 * How to copy elements with more properties than the fields of their class (undefined: there are none), and elements of
 * other classes.
 */
interface Exceptions {
  readonly more: string | undefined;
  readonly other: string;
}

/** Generated for elements of exactly this class: stores by name. */
function makeCopier(message: MessageClass<any>, { more, other }: Exceptions): Copier | undefined {
  const schema = schemaOf(message);
  if (!mayConstruct(schema)) return undefined;
  const defaults = defaultsOf(schema);
  const copied =
    more === undefined ? 'value' : "typeof value === 'object' && value !== null ? copyValue(value) : value";
  const fields = schema.fields.map(({ property }) => {
    const store = `copy[${JSON.stringify(property)}] = ${copied}; known++;`;
    const value = `value = ${memberText('element', property)};`;
    return defaults.has(property) ? `${value} ${store}` : `${value} if (value !== undefined) { ${store} }`;
  });
  const looks = more === undefined ? '' : `for (const key in element) all++; if (all !== known) return ${more};`;
  const body = `return (element) => {
    if (element?.constructor !== C) return ${other};
    const copy = new C(); let value, known = 0, all = 0;
    ${fields.join('\n')}
    ${looks}
    return copy;
  };`;
  return compile<Copier>({ C: message, own: Object.hasOwn, copyMembers, copyValue, fill }, body);
}

/**
 * A constructor that sets values may count its calls: it is called only if it sets none, or has accessors as fields.
 */
export function mayConstruct(schema: MessageSchema): boolean {
  if (!isAssignable(schema)) return false;
  return accessorsOf(schema).size > 0 || Object.values(blankOf(schema)).every((value) => value === undefined);
}

/**
 * Returns a function that makes snapshots of values: mutable parts are copied. Values that cannot be inspected are left
 * to the code that reads them. Make one function per stream: its values are mostly of one class, whose copier it
 * remembers.
 */
export function makeSnapshots(): (value: unknown) => unknown {
  let type: unknown;
  let copy: Copier = copyValue;
  return (value) => {
    if (typeof value !== 'object' || value === null) return value;
    try {
      if (value.constructor !== type) {
        type = value.constructor;
        copy = isMessageClass(type) ? copierOf(type) : type === Object ? copyPlain : copyValue;
      }
      return copy(value);
    } catch {
      return value;
    }
  };
}

/** Like `copyValue`, fast if the contents are immutable. */
function copyPlain(value: object): object {
  const copy: Record<string, unknown> = { ...value };
  for (const name in copy) {
    const member = copy[name];
    if (typeof member === 'object' && member !== null) return copyValue(value);
  }
  return copy;
}

/** Copies a mutable value, as far as its type is known. */
export function copyValue(value: object): object {
  return copied(value, new Map());
}

function copyMembers(element: object): object {
  return membersOf(element, new Map());
}

/**
 * `known` has the copies made so far: an object with several references, or one that contains itself, is copied once.
 */
function copied(value: object, known: Map<object, object>): object {
  const copy = known.get(value);
  if (copy !== undefined) return copy;
  if (isDate(value)) return new RealDate(value.getTime());
  if (Array.isArray(value)) return itemsOf(value, known);
  if (value instanceof Map && value.constructor === Map) return entriesOf(value, known);
  if (value instanceof Set && value.constructor === Set) return valuesOf(value, known);
  return isPlainObject(value) || isMessageClass(value.constructor) ? membersOf(value, known) : value;
}

function itemsOf(values: readonly unknown[], known: Map<object, object>): object {
  const copy: unknown[] = [];
  known.set(values, copy);
  for (let i = 0; i < values.length; i++) copy.push(part(values[i], known));
  return copy;
}

/** Keys stay the same objects: they are found by identity. */
function entriesOf(values: ReadonlyMap<unknown, unknown>, known: Map<object, object>): object {
  const copy = new Map<unknown, unknown>();
  known.set(values, copy);
  for (const [key, value] of values) copy.set(key, part(value, known));
  return copy;
}

/** The values stay the same objects: they are found by identity. */
function valuesOf(values: ReadonlySet<unknown>, known: Map<object, object>): object {
  const copy = new Set(values);
  known.set(values, copy);
  return copy;
}

function membersOf(value: object, known: Map<object, object>): object {
  const schema = isMessageClass(value.constructor) ? schemaOf(value.constructor) : undefined;
  if (schema === undefined || accessorsOf(schema).size === 0 || !isAssignable(schema)) {
    return fill(Object.create(Object.getPrototypeOf(value)), value, known);
  }
  const copy: any = new schema.message();
  known.set(value, copy);
  for (const name of accessorsOf(schema)) copy[name] = part((value as any)[name], known);
  return fill(copy, value, known);
}

function fill(copy: object, value: object, known: Map<object, object>): object {
  known.set(value, copy);
  const isPlain = Object.getPrototypeOf(copy) === Object.prototype;
  for (const [name, member] of Object.entries(value)) {
    if (isPlain && name !== '__proto__') {
      (copy as Record<string, unknown>)[name] = part(member, known);
      continue;
    }
    const descriptor = { value: part(member, known), writable: true, enumerable: true, configurable: true };
    Object.defineProperty(copy, name, descriptor);
  }
  return copy;
}

function part(value: unknown, known: Map<object, object>): unknown {
  return typeof value === 'object' && value !== null ? copied(value, known) : value;
}
