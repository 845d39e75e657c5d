import type { Class } from '../base/class.js';
import type { Json } from '../base/json.js';
import type { Key } from '../expressions/key.js';

/** A table of a lane, identified by its name. */
export interface TableRequest {
  readonly name: string;
  readonly message: Class;
}

/** A key and its new value. */
export interface KeptChange {
  readonly key: Key;
  /**
   * An element, or its JSON text if the broker keeps texts and does not write elements itself; undefined if the key is
   * deleted.
   */
  readonly value: unknown;
}

/** Receives the kept changes one by one. */
export type TakeChange = (change: KeptChange) => void | Promise<void>;

/** The whole contents of a table. */
export interface WholeTable {
  /** The number of keys. */
  readonly size: number;
  changes(): Iterable<KeptChange>;
}

/**
 * The changes of a lane's tables. They belong to the lane's commit: changes written since the last commit are kept if,
 * and only if, the next commit succeeds.
 */
export interface KeptTables {
  /** The form in which elements are kept. `elements`: frozen, and returned unchanged. */
  readonly keeps: 'elements' | 'texts';
  /**
   * For a broker that keeps texts: returns whether it writes the elements of a table itself. Then `write` gets elements
   * if they cannot change any more, otherwise texts. Elements that cannot be written are refused before. Default: it
   * gets texts.
   */
  writesElements?(table: number): boolean;
  /**
   * Passes the contents of a table (its index in the request) as of the last commit to `take`. A key may be passed more
   * than once: the last time counts. If `take` returns a promise, it is awaited. `left` is called now and then with the
   * approximate number of changes to come, if known: `health()` shows it. `after`: only changes after this place, which
   * `canReadAfter` has accepted.
   */
  read(table: number, take: TakeChange, left?: (changes: number) => void, after?: Json): Promise<void>;
  /** Called when all tables were read, as far as necessary. */
  restored?(): Promise<void>;
  /**
   * Identifies the lane and the group of the changes: the same in every run, and unique. Copies on disk are found by
   * it. Default: they do not outlive this process.
   */
  readonly id?: string;
  /** The end of a table's changes in the last commit; before the first one, the end of the changes read. JSON. */
  placeOf?(table: number): Json | undefined;
  /** Returns whether all changes after a place still exist, deletions included. Default: they do not. */
  canReadAfter?(table: number, place: Json): boolean | Promise<boolean>;
  /**
   * Writes the changes of a table for the next commit, each key once. `whole` is the table with these changes, for a
   * broker that prefers to start its log over. Called once for each changed table, before `flush`.
   */
  write(table: number, changes: readonly KeptChange[], whole: WholeTable): void | Promise<void>;
  /**
   * Used instead of `write` for a table in memory, if the broker is in memory, too: `committed` is the table as of its
   * commits; the broker calls `settle` when the next commit is made. So nothing is copied. Default: all changes are
   * written.
   */
  hold?(table: number, committed: WholeTable, settle: () => void): void;
  /** Resolves when the written changes are durable, to the mark for the commit. Called before each commit. */
  flush(): Promise<Json | undefined>;
  /** Closes the tables. Changes that were written and not committed are dropped. */
  close(): Promise<void>;
}
