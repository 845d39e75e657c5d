import type { Row, RowChange } from './row.js';

/** The rows that have changed since the last commit, each once, in the order in which they were first changed. */
export class UncommittedRows<T> implements Iterable<Row<T>> {
  /** The first `count` are there: an array that is cut has to grow again, and each commit has about as many. */
  private readonly rows: (Row<T> | undefined)[] = [];
  private count = 0;

  get size(): number {
    return this.count;
  }

  /** A row is about to change. */
  note(row: Row<T>): void {
    if (row.isChanged) return;
    row.isChanged = true;
    row.committed = row.value;
    this.rows[this.count++] = row;
  }

  /** What a commit of now has to keep. `isTaken`: the writer has made something of each element. */
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

  /** A commit has kept what they have now. Tells of each, with what it had before. */
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
