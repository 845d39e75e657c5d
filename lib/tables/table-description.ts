import type { MessageClass } from '../base/class.js';
import type { Expression } from '../expressions/expression.js';
import type { ExpiryDescription } from './expiry.js';

/** The arguments of `table()`. */
export interface TableDescription<T extends object = any> {
  readonly message: MessageClass<T>;
  /** Undefined if elements have no key: then the key is set separately. */
  readonly key: Expression<any, any> | undefined;
  /** Undefined for the name of the class. */
  readonly name: string | undefined;
  /** Where the lane keeps its copy. */
  readonly store: 'memory' | 'disk';
  /** Undefined if elements stay until they are deleted. */
  readonly expires?: ExpiryDescription | undefined;
  /** The part of an element that comes from the user, and must be checked; undefined for the whole element. */
  readonly part?: ElementPart | undefined;
}

/** An element within an element. */
export interface ElementPart {
  readonly field: string;
  /** Undefined if it is not an element of a message class. */
  readonly message: MessageClass<any> | undefined;
}

/** A registered symbol, so that two copies of this package in one program recognize each other's tables. */
const DESCRIPTION = Symbol.for('watermill:table');

/** Marks a class, and the classes that extend it, as a table. */
export function describeTable(table: Function, description: TableDescription): void {
  Object.defineProperty(table, DESCRIPTION, { value: Object.freeze(description) });
}

/** The description of a table class; undefined for anything else. */
export function tableOf(value: unknown): TableDescription | undefined {
  if (typeof value !== 'function') return undefined;
  return (value as { [DESCRIPTION]?: TableDescription })[DESCRIPTION];
}

/** The name of a table in plans, errors, and the kept changes. */
export function tableName(table: Function, { name, message }: TableDescription): string {
  return name ?? (table.name || message.name);
}
