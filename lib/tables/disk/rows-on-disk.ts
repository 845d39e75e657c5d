import { mapped } from '../../base/mapped.js';
import type { Key } from '../../expressions/key.js';
import type { DiskStore, StoreBatch, StoreMark } from '../../stores/disk-store.js';
import type { Expiring } from '../expiry.js';
import type { CommittedRow, Row, RowOrder, RowRange } from '../row.js';
import { ExpiryOnDisk } from './expiry-on-disk.js';
import { OrderOnDisk } from './order-on-disk.js';

/** The number of unwritten rows beyond which calls wait. */
const mostUnwritten = 10_000;
/** The number of rows kept in memory in addition to the unwritten ones. */
const mostRead = 10_000;

/** Converts the elements of a table for the disk. */
export interface DiskCodec<T> {
  read(text: string): T;
  write(element: T): string;
  keyOf(element: T): Key;
  /** The time when an element expires, if elements do. */
  readonly untilOf: ((element: object) => number | bigint) | undefined;
}

/**
 * The rows of a table on disk, as of commits. The changes of a commit are written after it, in one batch with the mark
 * of that commit, while calls continue; until then they stay in memory.
 */
export class RowsOnDisk<T extends object> {
  /** With their values on disk. */
  private waiting = new Map<Row<T>, T | undefined>();
  private flying: ReadonlyMap<Row<T>, T | undefined> = new Map();
  private mark: StoreMark | undefined;
  private flight: Promise<void> | undefined;
  private failure: { readonly error: unknown } | undefined;
  private calls: OrderOnDisk<T> | undefined;
  private commits: OrderOnDisk<CommittedRow<T>> | undefined;

  constructor(
    readonly store: DiskStore,
    private readonly codec: DiskCodec<T>,
    /** Written rows survive a power failure: another run continues with them. */
    private readonly isSafe: boolean,
    /** The number of keys. */
    readonly size: number,
  ) {}

  get(key: Key): T | undefined {
    const text = this.store.get(key);
    return text === undefined ? undefined : this.codec.read(text);
  }

  /** The rows as they are on disk now. */
  range(range: RowRange): Iterable<{ readonly key: Key; readonly value: T }> {
    const { read, keyOf } = this.codec;
    return mapped(this.store.range(range), (text) => {
      const value = read(text);
      return { key: keyOf(value), value };
    });
  }

  /** The rows in order, as calls see them. */
  callOrder(changed: Iterable<Row<T>>): RowOrder<T> {
    const order = new OrderOnDisk<T>((range) => this.range(range));
    for (const { key, value } of [...this.unwritten(), ...changed]) {
      if (value === undefined) order.delete(key);
      else order.set(key, value);
    }
    this.calls = order;
    return order;
  }

  /** The rows in order, as of the last commit. */
  orderOfCommits(): RowOrder<CommittedRow<T>> {
    const order = new OrderOnDisk<CommittedRow<T>>((range) =>
      mapped(this.range(range), (value) => ({ key: value.key, value })),
    );
    for (const row of this.unwritten()) {
      const value = settledValue(row);
      if (value === undefined) order.delete(row.key);
      else order.set(row.key, { key: row.key, value });
    }
    this.commits = order;
    return order;
  }

  expiry(rowOf: (key: Key) => Row<T> | undefined, changed: () => Iterable<Row<T>>): Expiring<Row<T>> | undefined {
    const { untilOf } = this.codec;
    if (untilOf === undefined) return undefined;
    const unwritten = (): Iterable<Row<T>> => new Set([...this.unwritten(), ...changed()]);
    return new ExpiryOnDisk(this.store, untilOf, rowOf, unwritten);
  }

  isUnwritten(row: Row<T>): boolean {
    return this.waiting.has(row) || this.flying.has(row);
  }

  *unwritten(): Generator<Row<T>, void> {
    yield* this.flying.keys();
    for (const row of this.waiting.keys()) if (!this.flying.has(row)) yield row;
  }

  /** Notes that a commit contains the row as it is, in place of its previous value. */
  settled(row: Row<T>, before: T | undefined): void {
    if (row.value === before && !this.isUnwritten(row)) this.calls?.written(row.key);
    else if (!this.waiting.has(row)) this.waiting.set(row, before);
  }

  /**
   * Starts to write all settled rows, with this mark. Not after a failure: the store would have a later mark, and lack
   * the rows of the write that failed.
   */
  start(mark: StoreMark | undefined): void {
    if (this.failure !== undefined) return;
    this.mark = mark;
    this.flight ??= this.fly();
  }

  /**
   * Returns a promise that resolves when there is room again, if too many rows are waiting to be written. Throws a
   * failure of a write.
   */
  pressure(): Promise<void> | undefined {
    if (this.failure !== undefined) throw this.failure.error;
    if (this.waiting.size <= mostUnwritten) return undefined;
    this.flight ??= this.fly();
    return this.idle();
  }

  /** Resolves when all settled rows are on disk. */
  async idle(): Promise<void> {
    await this.flight;
    if (this.failure !== undefined) throw this.failure.error;
  }

  /**
   * Drops rows from memory, the oldest first, if there are too many. `changed`: the number of rows that must not be
   * dropped yet.
   */
  forget(rows: Map<unknown, Row<T>>, changed: number): void {
    const needed = this.waiting.size + this.flying.size + changed;
    if (rows.size <= mostRead + needed) return;
    for (const [id, row] of rows) {
      if (rows.size <= mostRead / 2 + needed) return;
      if (!row.isChanged && !this.isUnwritten(row)) rows.delete(id);
    }
  }

  /** Never rejects: a failure is thrown by the methods that wait. */
  private async fly(): Promise<void> {
    // Includes other rows that are settled within this turn.
    await undefined;
    try {
      for (let mark = this.mark; this.waiting.size > 0 || mark !== undefined; mark = this.mark) {
        this.mark = undefined;
        const rows = this.waiting;
        this.flying = rows;
        this.waiting = new Map();
        await this.store.write((batch) => this.fill(batch, rows), mark ?? this.store.mark, this.isSafe);
        this.flying = new Map();
        for (const row of rows.keys()) if (!this.waiting.has(row)) this.written(row);
      }
    } catch (error) {
      this.failure = { error };
    } finally {
      this.flight = undefined;
    }
  }

  /** Notes that the row on disk is current, or as it was before calls that are not committed yet. */
  private written(row: Row<T>): void {
    this.commits?.written(row.key);
    if (!row.isChanged) this.calls?.written(row.key);
  }

  private fill(batch: StoreBatch, rows: ReadonlyMap<Row<T>, T | undefined>): void {
    const { untilOf, write } = this.codec;
    for (const [row, before] of rows) {
      const { key } = row;
      const value = settledValue(row);
      batch.row(key, value === undefined ? undefined : write(value));
      if (untilOf === undefined) continue;
      if (before !== undefined) batch.due({ at: untilOf(before), key }, false);
      if (value !== undefined) batch.due({ at: untilOf(value), key }, true);
    }
  }
}

function settledValue<T>(row: Row<T>): T | undefined {
  return row.isChanged ? row.committed : row.value;
}
