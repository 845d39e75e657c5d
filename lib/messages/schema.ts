import type { Class, MessageClass } from '../base/class.js';
import { shownValue } from '../base/shown-value.js';
import { WaterMillError } from '../base/watermill-error.js';
import type { FieldDeclaration, MessageOptions } from './declarations.js';
import { declarations, lineage } from './declarations.js';
import { defaultsOf } from './defaults.js';
import type { FieldType } from './field-type.js';
import { FieldSchema, type MessageSchema } from './message-schema.js';
import { noteClass } from './named-classes.js';

export { FieldSchema, type MessageSchema };

const schemas = new WeakMap<Class, MessageSchema>();

/** Returns whether this is a message class: it, or a class that it extends, has `@Message`. */
export function isMessageClass(value: unknown): value is MessageClass<any> {
  return typeof value === 'function' && value.prototype != null && optionsOf(value as Class) !== undefined;
}

/** The schema of a message class. From then on no more fields can be added. Throws for other classes. */
export function schemaOf<T>(message: Class<T>): MessageSchema<T> {
  let schema = schemas.get(message);
  if (schema === undefined) {
    schema = makeSchema(message as MessageClass<T>);
    schemas.set(message, schema);
    if (!declarations.messages.has(message)) noteClass(schema.name, schema.message);
    for (const prototype of lineage(message.prototype)) declarations.sealed.add(prototype);
  }
  return schema;
}

/**
 * The schema of a class, after making an element and resolving the type of every field, including those of nested
 * classes: so a plan finds every mistake before the first message is read.
 */
export function checkedSchemaOf<T>(message: Class<T>, seen = new Set<Class>()): MessageSchema<T> {
  const schema = schemaOf(message);
  if (seen.has(message)) return schema;
  seen.add(message);
  defaultsOf(schema);
  for (const field of schema.fields) {
    const inner = messageIn(field.type);
    if (inner === undefined) continue;
    if (!isMessageClass(inner)) throw noMessageClass(inner, `${schema.name}.${field.property} is of class`);
    checkedSchemaOf(inner, seen);
  }
  return schema;
}

/** Adds a message class and those of its fields to a set. */
export function addClassesIn(message: Class, found: Set<Class>): void {
  if (found.has(message)) return;
  found.add(message);
  for (const { type } of schemaOf(message).fields) {
    const inner = messageIn(type);
    if (inner !== undefined) addClassesIn(inner, found);
  }
}

function messageIn(type: FieldType): MessageClass | undefined {
  if (type.kind === 'array') return messageIn(type.element);
  return type.kind === 'message' ? type.message : undefined;
}

/** The fields of a class by property: a redeclared field replaces that of the base class, in its place. */
function declaredFields(message: Class): FieldDeclaration[] {
  const found = new Map<string, FieldDeclaration>();
  for (const prototype of lineage(message.prototype)) {
    for (const [property, declaration] of declarations.fields.get(prototype) ?? []) found.set(property, declaration);
  }
  return [...found.values()];
}

/** Throws for two fields with the same name, which would overwrite each other in every message. */
export function refuseEqualNames(message: Class): void {
  const byName = new Map<string, string>();
  for (const { property, options } of declaredFields(message)) {
    const name = options.name ?? property;
    const other = byName.get(name);
    if (other !== undefined) {
      throw new WaterMillError(
        'WM_FIELD_NAME_TWICE',
        `${message.name}: the fields ${other} and ${property} are both called "${name}" in messages. Give one another name.`,
        { message: message.name, field: property },
      );
    }
    byName.set(name, property);
  }
}

function makeSchema<T>(message: MessageClass<T>): MessageSchema<T> {
  const options = typeof message === 'function' && message.prototype != null ? optionsOf(message) : undefined;
  if (options === undefined) throw noMessageClass(message, 'Expected a message class, found');
  refuseEqualNames(message);
  return Object.freeze({
    name: options.name ?? message.name,
    message,
    fields: Object.freeze(declaredFields(message).map((declaration) => new FieldSchema(message.name, declaration))),
    strict: options.strict === true,
    codec: options.codec,
  });
}

/** Throws if a value is not a message class; `role`: its use, `written()`. */
export function expectMessageClass(value: unknown, role: string): asserts value is MessageClass<any> {
  if (!isMessageClass(value)) throw noMessageClass(value, `${role}: expected a message class, found`);
}

/** The options of a class: its own, otherwise those of its bases; the name of a base only if it has none. */
function optionsOf(message: Class): MessageOptions | undefined {
  let options: MessageOptions | undefined;
  for (const prototype of lineage(message.prototype)) {
    const own = declarations.messages.get(prototype.constructor);
    if (own !== undefined) options = { ...options, ...own };
  }
  const ownName = declarations.messages.get(message)?.name ?? (message.name === '' ? options?.name : message.name);
  return options && { ...options, name: ownName };
}

function noMessageClass(found: unknown, sentence: string): WaterMillError {
  const isClass = typeof found === 'function';
  const name = isClass ? found.name || 'a class without a name' : shownValue(found);
  const fix = isClass
    ? `It carries no @Message: write @Message() above ${found.name === '' ? 'it' : `class ${found.name}`}, and @Field() above its fields.`
    : found === undefined || found === null
      ? 'It is not a class (a circular import, or an import that was erased?).'
      : 'Give the class itself, not an element or a name.';
  return new WaterMillError('WM_NOT_A_MESSAGE_CLASS', `${sentence} ${name}. ${fix}`, { found: name });
}
