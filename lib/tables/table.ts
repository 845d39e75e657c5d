import { sharedClass } from '../base/loaded-copies.js';
import { WaterMillError } from '../base/watermill-error.js';
import type { Key } from '../expressions/key.js';
import type { Init } from '../messages/index.js';
import { tableName, tableOf } from './table-description.js';
import type { TableRange } from './table-range.js';
import { TableRows } from './table-rows.js';

/**
 * Keeps the latest element of each key: an element that a process function puts is available in later calls, also after
 * a restart. `T` is the class of the elements, `K` the type of their keys. Only made by `table()`, and passed as a
 * parameter.
 *
 * A call sees the elements that earlier calls of its lane and it itself have put. If a call throws, its changes are
 * undone together with its results. Changes are kept with the commit that covers the call: after a crash, a table is
 * restored to the last commit.
 *
 * `get` and `range` return frozen elements: only `put` keeps a change. A table that a program creates itself, `new
 * VisitsByUser()`, belongs to no lane: it keeps its elements in memory, for tests.
 */
@sharedClass('Table')
export abstract class Table<in out T extends object, in K extends Key> {
  private readonly '~rows': TableRows<T>;

  constructor() {
    const description = tableOf(new.target);
    if (description === undefined) {
      throw new WaterMillError(
        'WM_TABLE',
        `${new.target.name} is not made by table(): write class ${new.target.name} extends table(Message, { key: … }) {}.`,
      );
    }
    const rows = new TableRows<T>(tableName(new.target, description), description);
    Object.defineProperty(this, '~rows', { value: rows });
  }

  /** The number of keys. */
  get size(): number {
    return this['~rows'].size;
  }

  /** The element of a key; undefined if there is none. Throws `WM_TABLE_KEY` for a key of another type. */
  get(key: K): Readonly<T> | undefined {
    return this['~rows'].get(key);
  }

  /** Whether the table has an element with this key, as of this call. */
  has(key: K): boolean {
    return this['~rows'].has(key);
  }

  /**
   * Keeps an element, or one made from these fields, under its key, replacing the previous one. It keeps a copy: later
   * changes of the element have no effect. Throws `WM_TABLE_ELEMENT` for something that is not an element of the class,
   * `WM_TABLE_KEY` if its key cannot be one, `WM_TABLE_CALL` outside of a call, and `WM_BAD_RESULT` if the element
   * could not be read back equal.
   */
  put(element: T | Init<T>): void {
    this['~rows'].put(element);
  }

  /** Deletes a key. Returns whether it existed. */
  delete(key: K): boolean {
    return this['~rows'].delete(key);
  }

  /**
   * Elements in the order of their keys, from `from` to `to`, both included. A snapshot: later changes do not affect
   * it.
   *
   * @example for (const { user } of visits.range({ from: 'a', to: 'b', limit: 10 })) …
   */
  range(options?: TableRange<K>): Iterable<Readonly<T>> {
    return this['~rows'].range(options);
  }
}

/** The rows of a table, for the lane that it belongs to. */
export function rowsOf<T extends object>(table: Table<T, any>): TableRows<T> {
  return table['~rows'];
}
