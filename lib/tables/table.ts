import { sharedClass } from '../base/loaded-copies.js';
import { WaterMillError } from '../base/watermill-error.js';
import type { Key } from '../expressions/key.js';
import type { Init } from '../messages/index.js';
import { tableName, tableOf } from './table-description.js';
import type { TableRange } from './table-range.js';
import { TableRows } from './table-rows.js';

/**
 * The latest element of each key, kept: an element that a process function puts is there in later calls, also after a restart.
 * `T` is the message class of the elements, `K` the type of their keys. Made by `table()` only, and given as a parameter.
 *
 * A call sees the elements that earlier calls of its lane have put, and its own. The changes of a call that throws are undone, as
 * its results are. Changes are kept with the commit that covers the call: after a crash, a table is as it was then.
 *
 * `get` and `range` return frozen elements: only `put` keeps a change. Tables that a program makes
 * itself, `new VisitsByUser()`, belong to no lane: they keep their elements in memory, for tests.
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

  /** How many keys there are. */
  get size(): number {
    return this['~rows'].size;
  }

  /** The element of a key; undefined if there is none. Throws `WM_TABLE_KEY` for a key of another type. */
  get(key: K): Readonly<T> | undefined {
    return this['~rows'].get(key);
  }

  has(key: K): boolean {
    return this['~rows'].has(key);
  }

  /**
   * Keeps an element, or one made of these fields, under its key, in place of the one before. It keeps a copy: later
   * changes of the element have no effect. Throws `WM_TABLE_ELEMENT` for something that is not an element of the class,
   * `WM_TABLE_KEY` if its key cannot be one, `WM_TABLE_CALL` outside of a call, and `WM_BAD_RESULT` if the element
   * could not be read back equal.
   */
  put(element: T | Init<T>): void {
    this['~rows'].put(element);
  }

  /** Removes a key; returns whether it was there. */
  delete(key: K): boolean {
    return this['~rows'].delete(key);
  }

  /**
   * Elements in the order of their keys: those from `from` to `to`, both included. A view of this moment: changes
   * while it is read do not show in it.
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
