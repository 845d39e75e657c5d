import type { Key } from '../expressions/key.js';

/** One key of a table, with its current value and the one of the last commit. */
export class Row<T> {
  value: T | undefined;
  /** Only valid while `isChanged`; otherwise it equals `value`. */
  committed: T | undefined;
  /** The value in the writer's form. */
  taken: unknown;
  isChanged = false;
  /** The row that was looked up after this one the last time; only for steps of flows. */
  follower: Row<T> | undefined = undefined;

  constructor(
    readonly id: unknown,
    readonly key: Key,
  ) {}
}

/** The last change of a key since the last commit. */
export interface RowChange {
  readonly key: Key;
  /** The element in the writer's form; undefined if the key was deleted. */
  readonly value: unknown;
}

/** A key and its value as of a commit, for views from outside. */
export interface CommittedRow<T> {
  readonly key: Key;
  /** Undefined for a deleted key. */
  readonly value: T | undefined;
}

/** Values in the order of their keys. */
export interface RowOrder<V> {
  set(key: Key, value: V): void;
  delete(key: Key): void;
  range(options: RowRange): Iterable<V>;
}

/** Both ends are included. */
export interface RowRange {
  readonly from?: any;
  readonly to?: any;
  readonly reverse: boolean;
  readonly limit: number;
}
