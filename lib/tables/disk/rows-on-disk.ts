import { mapped } from '../../base/mapped.js';
import type { Key } from '../../expressions/key.js';
import type { DiskStore, StoreBatch, StoreMark } from '../../stores/disk-store.js';
import type { Expiring } from '../expiry.js';
import type { CommittedRow, Row, RowOrder, RowRange } from '../row.js';
import { ExpiryOnDisk } from './expiry-on-disk.js';
import { OrderOnDisk } from './order-on-disk.js';

/** How many rows may wait to be written before calls wait. */
const mostUnwritten = 10_000;
/** This many rows are kept in memory in addition to those that are not written yet. */
const mostRead = 10_000;

/** What a table does with its elements on the way to the disk and back. */
export interface DiskCodec<T> {
  read(text: string): T;
  write(element: T): string;
  keyOf(element: T): Key;
  /** When it expires, where elements do. */
  readonly untilOf: ((element: object) => number | bigint) | undefined;
}

/**
 * The rows of a table on disk: as commits left them. What a commit has changed is written after it, in one batch with the mark that
 * says up to which commit that is, while calls continue; until then it stays in memory.
 */
export class RowsOnDisk<T extends object> {
  /** With what they have on disk. */
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
    /** A loss of power leaves what was written: where another run continues with it. */
    private readonly isSafe: boolean,
    /** How many keys it has. */
    readonly size: number,
  ) {}

  get(key: Key): T | undefined {
    const text = this.store.get(key);
    return text === undefined ? undefined : this.codec.read(text);
  }

  /** As they are on disk at this moment. */
  range(range: RowRange): Iterable<{ readonly key: Key; readonly value: T }> {
    const { read, keyOf } = this.codec;
    return mapped(this.store.range(range), (text) => {
      const value = read(text);
      return { key: keyOf(value), value };
    });
  }

  /** The order in which calls see it. */
  callOrder(changed: Iterable<Row<T>>): RowOrder<T> {
    const order = new OrderOnDisk<T>((range) => this.range(range));
    for (const { key, value } of [...this.unwritten(), ...changed]) {
      if (value === undefined) order.delete(key);
      else order.set(key, value);
    }
    this.calls = order;
    return order;
  }

  /** The order in which commits have left it. */
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

  /** A commit has left the row as it is, in place of what it had before. */
  settled(row: Row<T>, before: T | undefined): void {
    if (row.value === before && !this.isUnwritten(row)) this.calls?.written(row.key);
    else if (!this.waiting.has(row)) this.waiting.set(row, before);
  }

  /** All that is settled is written, with this mark. */
  start(mark: StoreMark | undefined): void {
    this.mark = mark;
    this.flight ??= this.fly();
  }

  /** Where too much waits to be written: resolves when it is. Throws what has failed. */
  pressure(): Promise<void> | undefined {
    if (this.failure !== undefined) throw this.failure.error;
    if (this.waiting.size <= mostUnwritten) return undefined;
    this.flight ??= this.fly();
    return this.idle();
  }

  /** Resolves when all that is settled is on disk. */
  async idle(): Promise<void> {
    await this.flight;
    if (this.failure !== undefined) throw this.failure.error;
  }

  /** Forgets rows, those that were read first, where there are too many. `changed`: how many may not be forgotten yet. */
  forget(rows: Map<unknown, Row<T>>, changed: number): void {
    const needed = this.waiting.size + this.flying.size + changed;
    if (rows.size <= mostRead + needed) return;
    for (const [id, row] of rows) {
      if (rows.size <= mostRead / 2 + needed) return;
      if (!row.isChanged && !this.isUnwritten(row)) rows.delete(id);
    }
  }

  /** Never rejects: what has failed is thrown where it is waited for. */
  private async fly(): Promise<void> {
    // Other rows that are settled within this turn go along.
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

  /** Others may forget the row: it is on disk as it is, or as it was before the calls that are not committed yet. */
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
