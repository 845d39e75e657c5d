import type { MessageClass } from '../base/class.js';
import type { Expression } from '../expressions/expression.js';
import type { ExpiryDescription } from './expiry.js';

/** What `table()` was given. */
export interface TableDescription<T extends object = any> {
  readonly message: MessageClass<T>;
  /** Undefined: what is kept does not say its key, which then comes with it. */
  readonly key: Expression<any, any> | undefined;
  /** Undefined: the name of the class. */
  readonly name: string | undefined;
  /** Where the lane has its copy. */
  readonly store: 'memory' | 'disk';
  /** Undefined: elements stay until they are deleted. */
  readonly expires?: ExpiryDescription | undefined;
  /** The part of an element that comes from the user, and so may be wrong; undefined: all of it. */
  readonly part?: ElementPart | undefined;
}

/** An element within an element. */
export interface ElementPart {
  readonly field: string;
  /** Undefined: there is none. */
  readonly message: MessageClass<any> | undefined;
}

/** A registered symbol, so that two copies of this package in one program understand each other. */
const DESCRIPTION = Symbol.for('watermill:table');

/** Notes on a class that it is a table, with all that extends it. */
export function describeTable(table: Function, description: TableDescription): void {
  Object.defineProperty(table, DESCRIPTION, { value: Object.freeze(description) });
}

/** The description of a table class; undefined for everything else. */
export function tableOf(value: unknown): TableDescription | undefined {
  if (typeof value !== 'function') return undefined;
  return (value as { [DESCRIPTION]?: TableDescription })[DESCRIPTION];
}

/** What a table is called in plans, in errors and where its changes are kept. */
export function tableName(table: Function, { name, message }: TableDescription): string {
  return name ?? (table.name || message.name);
}
