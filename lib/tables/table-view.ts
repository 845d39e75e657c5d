import type { Key } from '../expressions/key.js';
import type { TableRange } from './table-range.js';

/** A table seen from outside: what is committed, in all lanes of this process. It cannot be changed there. */
export interface TableView<T extends object, K extends Key> {
  /** How many keys there are. */
  readonly size: number;
  /** The element of a key; undefined if there is none. Throws `WM_TABLE_KEY` for a key of another type. */
  get(key: K): Readonly<T> | undefined;
  /** Elements in the order of their keys, as they are at this moment. */
  range(options?: TableRange<K>): Iterable<Readonly<T>>;
  /**
   * Changes as they are committed. `from: 'beginning'`: before them what is kept, in the order of keys. It ends when `signal`
   * is aborted, or when the run is over and everything was given. A reader that is more than 10,000 changes behind gets only the latest change of each key.
   */
  changes(options?: TableChangesOptions): AsyncIterable<TableChange<T, K>>;
}

export interface TableChangesOptions {
  /** Default: `now`. */
  readonly from?: 'now' | 'beginning';
  readonly signal?: AbortSignal;
}

/** A key of a table, and what it has from now on. */
export interface TableChange<T, K> {
  readonly key: K;
  /** Undefined: deleted. */
  readonly value: Readonly<T> | undefined;
}
