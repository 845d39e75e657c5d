import type { MessageClass } from '../../base/class.js';
import { Field, Message } from '../../messages/index.js';
import { makeTableClass, type TableClass } from '../../tables/make-table.js';

/** A row of a step's state that is not of a user's class: a value, an open window, or the state of the step itself. */
export interface KeptRow {
  /** The step or key that it belongs to; defined by each step. */
  readonly of: number;
  readonly key?: unknown;
  readonly start?: unknown;
  readonly time?: unknown;
  readonly order?: number;
  /** Any value, as JSON for `decodeValue`. */
  readonly value?: unknown;
  /** An accumulator. */
  readonly state?: object;
}

/** The table of a step's rows, with accumulators of a class if there are any. */
export function rowTable(name: string, state: MessageClass<any> | undefined): TableClass<any, any> {
  const part = { field: 'state', message: state };
  return makeTableClass(rowClass(name, state), undefined, name, undefined, 'memory', part);
}

function rowClass(name: string, state: MessageClass<any> | undefined): MessageClass<any> {
  const made = { [name]: class {} }[name] as MessageClass<any>;
  const optional = { optional: true };
  Field(() => Number)(made.prototype, 'of');
  Field(() => Number, optional)(made.prototype, 'order');
  // A value may be null, and the key is null if the flow has none.
  const json = { ...optional, nullable: true };
  for (const each of ['key', 'start', 'time', 'value']) Field(() => Object, json)(made.prototype, each);
  if (state !== undefined) Field(() => state, optional)(made.prototype, 'state');
  Message()(made);
  return made;
}
