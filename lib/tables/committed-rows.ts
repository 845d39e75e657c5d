import type { Key } from '../expressions/key.js';
import type { ValueType } from '../expressions/value-type.js';
import type { RowsOnDisk } from './disk/rows-on-disk.js';
import { orderedMapOf } from './ordered-map.js';
import type { CommittedRow, Row, RowOrder } from './row.js';
import type { TableKeys } from './table-keys.js';
import { checkedRange, type TableRange } from './table-range.js';

/** Gets the changes of each commit while it listens. */
export interface RowListener<T> {
  readonly isListening: boolean;
  take(changes: readonly CommittedRow<T>[]): void;
}

/** The rows of a table in one lane as of the last commit, as they are kept, for views from outside. */
export class CommittedRows<T extends object> {
  /** The number of keys. */
  size = 0;
  /** The rows on disk; undefined if all are in memory. */
  disk: RowsOnDisk<T> | undefined;
  /** The rows in order, created by the first range and kept from then on. */
  private order: RowOrder<CommittedRow<T>> | undefined;
  private readonly listeners = new Set<RowListener<T>>();
  /** The changes of the commit that is being settled, if there are listeners. */
  private changed: CommittedRow<T>[] | undefined;

  constructor(
    private readonly table: string,
    private readonly keys: TableKeys,
    /** By the identity of their keys, including later changes of calls. */
    private readonly rows: ReadonlyMap<unknown, Row<T>>,
  ) {}

  get keyType(): ValueType | undefined {
    return this.keys.type;
  }

  at(key: unknown): T | undefined {
    const row = this.rows.get(this.keys.idOf(key, 'the key of get()'));
    return row === undefined ? this.disk?.get(key as Key) : row.isChanged ? row.committed : row.value;
  }

  range(options: TableRange<any> | undefined): Iterable<CommittedRow<T>> {
    return this.inOrder().range(checkedRange(this.table, this.keys, options));
  }

  /** All rows, if all of them are in memory. */
  *changes(): Generator<CommittedRow<T>, void> {
    for (const row of this.rows.values()) {
      const committed = committedRow(row);
      if (committed !== undefined) yield committed;
    }
  }

  /** Calls back for each commit from now on. Returns the function that stops it. */
  listen(listener: RowListener<T>): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Starts to settle a commit. */
  begin(): void {
    this.changed = this.hasListeners ? [] : undefined;
  }

  /** Sets the committed value of a key. */
  settle(key: Key, value: T | undefined): void {
    const { order, changed } = this;
    if (changed === undefined && order === undefined) return;
    const now: CommittedRow<T> = { key, value };
    changed?.push(now);
    if (value === undefined) order?.delete(key);
    else order?.set(key, now);
  }

  /** Ends a commit, with this number of keys. */
  end(size: number): void {
    const { changed } = this;
    this.size = size;
    this.changed = undefined;
    if (changed === undefined || changed.length === 0) return;
    for (const listener of this.listeners) listener.take(changed);
  }

  private get hasListeners(): boolean {
    for (const { isListening } of this.listeners) if (isListening) return true;
    return false;
  }

  private inOrder(): RowOrder<CommittedRow<T>> {
    this.order ??= this.disk?.orderOfCommits() ?? orderedMapOf(this.rows.values(), committedRow);
    return this.order;
  }
}

function committedRow<T>({ key, isChanged, committed, value: now }: Row<T>): CommittedRow<T> | undefined {
  const value = isChanged ? committed : now;
  return value === undefined ? undefined : { key, value };
}
