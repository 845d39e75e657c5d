import type { Key } from '../expressions/key.js';
import type { TableRange } from './table-range.js';

/** A read-only view of a table from outside: the committed elements of all lanes in this process. */
export interface TableView<T extends object, K extends Key> {
  /** The number of keys. */
  readonly size: number;
  /** The element of a key; undefined if there is none. Throws `WM_TABLE_KEY` for a key of another type. */
  get(key: K): Readonly<T> | undefined;
  /** Elements in the order of their keys, as of now. */
  range(options?: TableRange<K>): Iterable<Readonly<T>>;
  /**
   * Changes as they are committed. With `from: 'beginning'`, starts with the current elements, in the order of keys.
   * Ends when `signal` is aborted, or after the last change when the run is over. A reader that is more than 10,000
   * changes behind gets only the latest change of each key.
   */
  changes(options?: TableChangesOptions): AsyncIterable<TableChange<T, K>>;
}

/** Which changes of a table are returned, and until when. */
export interface TableChangesOptions {
  /** `beginning`: first the current rows, in the order of their keys, then changes. Default: `now`, only changes. */
  readonly from?: 'now' | 'beginning';
  /** Aborting it ends the iteration. Default: it ends with the run. */
  readonly signal?: AbortSignal;
}

/** A key of a table, and its new value. */
export interface TableChange<T, K> {
  readonly key: K;
  /** Undefined for a deleted key. */
  readonly value: Readonly<T> | undefined;
}
