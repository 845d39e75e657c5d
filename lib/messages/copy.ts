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
 * The function that copies an element as it is now: with all its properties and its class, whatever that is. What is inside
 * is copied as well if it can change: arrays, plain objects, Dates, elements of message classes.
 */
export const copierOf: (message: MessageClass<any>) => Copier = madeOnce(
  (message) =>
    makeCopier(message, { more: 'fill(copy, element, new Map())', other: 'copyMembers(element)' }) ?? copyMembers,
);

/** The same for elements of just this class that have nothing but its fields; it returns undefined for all others. */
export const declaredCopierOf: (message: MessageClass<any>) => (element: any) => object | undefined = madeOnce(
  (message) => makeCopier(message, { more: 'undefined', other: 'undefined' }) ?? (() => undefined),
);

/** Copies elements that are known to be such, but not what is inside them. */
export const shallowCopierOf: (message: MessageClass<any>) => Copier = madeOnce((message) => {
  const known = new Set(schemaOf(message).fields.map(({ property }) => property));
  const hasMore = Object.keys(blankOf(schemaOf(message))).some((name) => !known.has(name));
  const made = hasMore ? undefined : makeCopier(message, { more: undefined, other: 'copyMembers(element)' });
  return made ?? copierOf(message);
});

/** How to treat elements that have more than the fields of their class (undefined: none has), and with those of other classes. */
interface Exceptions {
  readonly more: string | undefined;
  readonly other: string;
}

/** Generated for elements of exactly this class: it stores by name. */
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

/** A constructor that returns values may count what it makes: it is called only if it returns none, or keeps its own fields. */
export function mayConstruct(schema: MessageSchema): boolean {
  if (!isAssignable(schema)) return false;
  return accessorsOf(schema).size > 0 || Object.values(blankOf(schema)).every((value) => value === undefined);
}

/**
 * A function that returns a value as it is now: what can change in it is copied. What cannot be inspected is left to the code that
 * reads it. Make one per stream: its values are mostly of one class, whose copier it remembers.
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

/** As `copyValue`, quick where nothing inside can change. */
function copyPlain(value: object): object {
  const copy: Record<string, unknown> = { ...value };
  for (const name in copy) {
    const member = copy[name];
    if (typeof member === 'object' && member !== null) return copyValue(value);
  }
  return copy;
}

/** A copy of something that can change, as far as it is known how. */
export function copyValue(value: object): object {
  return copied(value, new Map());
}

function copyMembers(element: object): object {
  return membersOf(element, new Map());
}

/** `known` are the copies made already: what is at two places, or contains itself, is copied once. */
function copied(value: object, known: Map<object, object>): object {
  const copy = known.get(value);
  if (copy !== undefined) return copy;
  if (isDate(value)) return new RealDate(value.getTime());
  if (Array.isArray(value)) return itemsOf(value, known);
  return isPlainObject(value) || isMessageClass(value.constructor) ? membersOf(value, known) : value;
}

function itemsOf(values: readonly unknown[], known: Map<object, object>): object {
  const copy: unknown[] = [];
  known.set(values, copy);
  for (let i = 0; i < values.length; i++) copy.push(part(values[i], known));
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
