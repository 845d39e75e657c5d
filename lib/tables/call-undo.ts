import type { Row } from './row.js';

/**
 * The undo log of a call with more changes than this is released: otherwise the elements it deleted would stay in
 * memory.
 */
const mostKept = 1_024;

/** The undo log of the call in progress. */
export class CallUndo<T> {
  /**
   * Rows, each with its value and its taken form. Only the first `length` entries are valid: an array that is cut would
   * have to grow again.
   */
  private readonly before: unknown[] = [];
  private length = 0;

  note(row: Row<T>): void {
    const { before, length } = this;
    before[length] = row;
    before[length + 1] = row.value;
    before[length + 2] = row.taken;
    this.length = length + 3;
  }

  /** Confirms the changes. */
  forget(): void {
    this.length = 0;
    if (this.before.length > mostKept) this.before.length = 0;
  }

  /** Undoes the changes, the last one first. */
  rollBack(assign: (row: Row<T>, value: T | undefined, taken: unknown) => void): void {
    const { before } = this;
    while (this.length > 0) {
      this.length -= 3;
      const at = this.length;
      assign(before[at] as Row<T>, before[at + 1] as T | undefined, before[at + 2]);
    }
  }
}
