import type { Row, RowChange } from './row.js';

/** The rows that have changed since the last commit, each once, in the order of their first changes. */
export class UncommittedRows<T> implements Iterable<Row<T>> {
  /**
   * Only the first `count` entries are valid: an array that is cut would have to grow again, and commits have similar
   * sizes.
   */
  private readonly rows: (Row<T> | undefined)[] = [];
  private count = 0;

  get size(): number {
    return this.count;
  }

  /** Adds a row that is about to change. */
  note(row: Row<T>): void {
    if (row.isChanged) return;
    row.isChanged = true;
    row.committed = row.value;
    this.rows[this.count++] = row;
  }

  clear(): void {
    this.rows.fill(undefined, 0, this.count);
    this.count = 0;
  }

  /** The changes for a commit. `isTaken`: the rows have the writer's form of each element. */
  changes(isTaken: boolean): readonly RowChange[] {
    const { rows, count } = this;
    const changes = new Array<RowChange>(count);
    let length = 0;
    for (let i = 0; i < count; i++) {
      const { key, value, committed, taken } = rows[i] as Row<T>;
      if (value !== committed) changes[length++] = { key, value: isTaken && value !== undefined ? taken : value };
    }
    changes.length = length;
    return changes;
  }

  /** Commits the current values of the rows. `settled` is called for each with its previous value. */
  settle(settled: (row: Row<T>, before: T | undefined) => void): void {
    const { rows, count } = this;
    this.count = 0;
    for (let i = 0; i < count; i++) {
      const row = rows[i] as Row<T>;
      const before = row.committed;
      rows[i] = undefined;
      row.isChanged = false;
      row.committed = undefined;
      row.taken = undefined;
      settled(row, before);
    }
  }

  *[Symbol.iterator](): Generator<Row<T>, void> {
    for (let i = 0; i < this.count; i++) yield this.rows[i] as Row<T>;
  }
}
