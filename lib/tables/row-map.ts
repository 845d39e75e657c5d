import type { Key } from '../expressions/key.js';
import { CallUndo } from './call-undo.js';
import type { RowsOnDisk } from './disk/rows-on-disk.js';
import { orderedMapOf } from './ordered-map.js';
import { Row, type RowChange, type RowOrder } from './row.js';
import { RowsInTurn } from './rows-in-turn.js';
import type { TableKeys } from './table-keys.js';
import { UncommittedRows } from './uncommitted-rows.js';

/**
 * The rows of a table by key, as calls see them, with the undo log of the call in progress and the changes since the
 * last commit. One lookup finds all of that, so that a put costs hardly more than in a Map.
 */
export class RowMap<T extends object> {
  /** By the identity of their keys. */
  private readonly rows = new Map<unknown, Row<T>>();
  readonly uncommitted = new UncommittedRows<T>();
  private readonly undo = new CallUndo<T>();
  /** The rows in order, created by the first range and kept from then on. */
  private order: RowOrder<T> | undefined;
  private count = 0;
  /**
   * The row that was found last: most calls get an element and put it again. It must be in `rows`, or a put would be
   * lost.
   */
  private last: Row<T> | undefined;
  private readonly inTurn = new RowsInTurn<T>();
  /** The table belongs to a lane, whose calls may fail. */
  private isOfLane = false;
  /** The rows on disk, of which only recently used ones are in memory; undefined if all are in memory. */
  private disk: RowsOnDisk<T> | undefined;

  constructor(private readonly keys: TableKeys) {}

  /** The number of keys with an element. */
  get size(): number {
    return this.count;
  }

  /** The rows in memory. */
  get inMemory(): ReadonlyMap<unknown, Row<T>> {
    return this.rows;
  }

  bind(): void {
    this.isOfLane = true;
  }

  bindDisk(disk: RowsOnDisk<T>): void {
    this.disk = disk;
    this.count = disk.size;
  }

  find(id: unknown, key: unknown): Row<T> | undefined {
    const { last } = this;
    if (last !== undefined && last.id === id) return last;
    const row = this.rows.get(id);
    if (row === undefined) return this.disk === undefined ? undefined : this.read(this.disk, id, key as Key);
    if (this.isOfLane) this.last = row;
    return row;
  }

  /** Like `find`, for keys that recur after others: a guess is tried first. */
  findInTurn(id: unknown, key: unknown): Row<T> | undefined {
    return this.inTurn.guess(id, this.count) ?? this.findNext(id, key);
  }

  private findNext(id: unknown, key: unknown): Row<T> | undefined {
    const row = this.find(id, key);
    if (row !== undefined) this.inTurn.note(row);
    return row;
  }

  findOrAdd(id: unknown, key: Key): Row<T> {
    return this.find(id, key) ?? this.added(id, key);
  }

  /**
   * Sets the value of a row; undefined deletes the key. `taken`: the value in the writer's form. `isFinal`: the call in
   * progress cannot fail any more.
   */
  change(row: Row<T>, value: T | undefined, taken: unknown, isFinal = false): void {
    if (this.isOfLane) {
      if (!isFinal) this.undo.note(row);
      this.uncommitted.note(row);
    }
    this.assign(row, value, taken);
    if (value === undefined && !this.isOfLane) this.remove(row);
  }

  /** Sets a value that an earlier run committed. */
  restore(row: Row<T>, value: T | undefined): void {
    const before = row.value;
    this.assign(row, value, undefined);
    this.settled(row, before);
  }

  callBegins(): void {
    this.undo.forget();
    this.forgetRead();
  }

  callEnds(): void {
    this.undo.forget();
  }

  /** Undoes the changes of the call in progress. */
  callFailed(): void {
    this.undo.rollBack((row, value, taken) => this.assign(row, value, taken));
    this.undo.forget();
  }

  /** Drops all rows of a table that has never had an element, except in a call that failed. */
  clear(): void {
    for (const row of [...this.rows.values()]) this.remove(row);
    this.uncommitted.clear();
    this.order = undefined;
  }

  /** Drops rows that were only read, if there are too many. */
  forgetRead(): void {
    this.last = undefined;
    this.disk?.forget(this.rows, this.uncommitted.size);
  }

  /** Commits the changes of calls since the last commit. `changed` is called for each key whose value has changed. */
  settle(changed: (key: Key, value: T | undefined) => void): void {
    this.uncommitted.settle((row, before) => {
      const { key, value } = row;
      this.settled(row, before);
      if (value !== before) changed(key, value);
    });
  }

  /** The rows in the order of keys. */
  inOrder(): RowOrder<T> {
    this.order ??= this.disk?.callOrder(this.uncommitted) ?? orderedMapOf(this.rows.values(), ({ value }) => value);
    return this.order;
  }

  /** All rows as changes. `keyOf`: the key of an element on disk. */
  *all(keyOf: (value: T) => Key): Generator<RowChange & { readonly value: T }, void> {
    if (this.disk === undefined) {
      for (const { key, value } of this.rows.values()) if (value !== undefined) yield { key, value };
      return;
    }
    const values = this.inOrder().range({ reverse: false, limit: Number.POSITIVE_INFINITY });
    for (const value of values) yield { key: keyOf(value), value };
  }

  /**
   * Reads a row from disk. A missing key gets an empty row, since it will most likely be put; not before any key was
   * kept, since a key that is only asked for does not set the type of keys.
   */
  private read(disk: RowsOnDisk<T>, id: unknown, key: Key): Row<T> | undefined {
    const value = disk.get(key);
    if (value === undefined && !this.keys.isSettled) return undefined;
    const row = this.added(id, key);
    row.value = value;
    return row;
  }

  private added(id: unknown, key: Key): Row<T> {
    const row = new Row<T>(id, this.keys.kept(key));
    this.rows.set(id, row);
    return row;
  }

  private settled(row: Row<T>, before: T | undefined): void {
    if (this.disk !== undefined) this.disk.settled(row, before);
    else if (row.value === undefined) this.remove(row);
  }

  private remove(row: Row<T>): void {
    this.rows.delete(row.id);
    this.inTurn.forget(row);
    if (this.last === row) this.last = undefined;
  }

  private assign(row: Row<T>, value: T | undefined, taken: unknown): void {
    if (row.value === undefined) this.count += value === undefined ? 0 : 1;
    else if (value === undefined) this.count--;
    row.value = value;
    row.taken = taken;
    if (this.order === undefined) return;
    if (value === undefined) this.order.delete(row.key);
    else this.order.set(row.key, value);
  }
}
