import type { Key } from '../expressions/key.js';

/** One key of a table, with what it has now and what the last commit left. */
export class Row<T> {
  value: T | undefined;
  /** Only while `isChanged`; else it is the value. */
  committed: T | undefined;
  /** What the writer has made of the value. */
  taken: unknown;
  isChanged = false;

  constructor(
    readonly id: unknown,
    readonly key: Key,
  ) {}
}

/** A change since the last commit, the last of its key. */
export interface RowChange {
  readonly key: Key;
  /** What the writer has made of the element; undefined if the key was deleted. */
  readonly value: unknown;
}

/** A key, with what it has since a commit; told to those who look from outside. */
export interface CommittedRow<T> {
  readonly key: Key;
  /** Undefined: deleted. */
  readonly value: T | undefined;
}

/** Values in the order of their keys. */
export interface RowOrder<V> {
  set(key: Key, value: V): void;
  delete(key: Key): void;
  range(options: RowRange): Iterable<V>;
}

/** Both borders are included. */
export interface RowRange {
  readonly from?: any;
  readonly to?: any;
  readonly reverse: boolean;
  readonly limit: number;
}
