import type { Row } from './row.js';

/** Of a call that has changed more than a few hundred rows nothing is kept: what it has deleted would stay in memory. */
const mostKept = 1_024;

/** What the call in progress has changed, as it was before. */
export class CallUndo<T> {
  /** Rows, each with its value and what was taken of it. The first `length` count: arrays that are cut have to grow again. */
  private readonly before: unknown[] = [];
  private length = 0;

  note(row: Row<T>): void {
    const { before, length } = this;
    before[length] = row;
    before[length + 1] = row.value;
    before[length + 2] = row.taken;
    this.length = length + 3;
  }

  /** Keeps the noted changes. */
  forget(): void {
    this.length = 0;
    if (this.before.length > mostKept) this.before.length = 0;
  }

  /** Restores what was there, the last change first. */
  takeBack(assign: (row: Row<T>, value: T | undefined, taken: unknown) => void): void {
    const { before } = this;
    while (this.length > 0) {
      this.length -= 3;
      const at = this.length;
      assign(before[at] as Row<T>, before[at + 1] as T | undefined, before[at + 2]);
    }
  }
}
