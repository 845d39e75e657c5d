import type { Class } from '../base/class.js';
import type { Json } from '../base/json.js';
import type { Key } from '../expressions/key.js';

/** A table of a lane, which the broker finds again by its name. */
export interface TableRequest {
  readonly name: string;
  readonly message: Class;
}

/** A key and what it has from now on. */
export interface KeptChange {
  readonly key: Key;
  /** An element, or its JSON text where the broker keeps texts; undefined: the key is deleted. */
  readonly value: unknown;
}

/** Takes what is kept, one after the other. */
export type TakeChange = (change: KeptChange) => void | Promise<void>;

/** All that is in a table. */
export interface WholeTable {
  /** How many keys there are. */
  readonly size: number;
  changes(): Iterable<KeptChange>;
}

/**
 * The changes of a lane's tables. They belong to the lane's commit: what `write` was given since the last one is kept if,
 * and only if, that commit is.
 */
export interface KeptTables {
  /** The form in which an element is kept. `elements`: they are frozen, and returned as they are. */
  readonly keeps: 'elements' | 'texts';
  /**
   * Passes on what the last commit left of a table (its index in the request), each key once or more, the last one counts.
   * If `take` returns a promise, nothing more is passed before it resolves. `left` is called now and then with how many changes are still
   * to come, about, where that is known: `health()` shows it. `after`: only what came after this place, which
   * `canReadAfter` has found good.
   */
  read(table: number, take: TakeChange, left?: (changes: number) => void, after?: Json): Promise<void>;
  /** Called when all tables were read, as far as they had to be. */
  restored?(): Promise<void>;
  /**
   * Which lane's changes they are, of which group: the same in every run, and that of no other. So copies on disk are found
   * again. Default: they do not outlive this process.
   */
  readonly id?: string;
  /** Where the changes of a table end that the last commit covers; before the first one, those that were read. JSON. */
  placeOf?(table: number): Json | undefined;
  /** Whether all that came after a place is still there, deletions included. Default: it is not. */
  canReadAfter?(table: number, place: Json): boolean | Promise<boolean>;
  /**
   * The changes of a table for the next commit, each key once. `whole` is the table with these changes, where the broker
   * would rather start over. Called once for each table that has changed, before `flush`.
   */
  write(table: number, changes: readonly KeptChange[], whole: WholeTable): void | Promise<void>;
  /**
   * Instead of `write`, for a table that is in memory, as the broker is: `committed` is the table as commits leave it, in which
   * the next commit has to be as soon as it is made, by `settle`. So nothing is copied. Default: all changes are written.
   */
  hold?(table: number, committed: WholeTable, settle: () => void): void;
  /** Resolves when what was written is safe, with the mark that the commit carries. Called before each commit. */
  flush(): Promise<Json | undefined>;
  /** Closes. Changes that were written and not committed are void. */
  close(): Promise<void>;
}
