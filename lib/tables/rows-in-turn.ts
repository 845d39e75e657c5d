import { Guesses } from '../base/guesses.js';
import type { Row } from './row.js';

/**
 * Guesses the row that is asked for next. In most streams the order of keys repeats in part, so the row that followed
 * the previous one the last time is tried before a look-up. Only rows that have a value are guessed: those that were
 * removed have none.
 */
export class RowsInTurn<T> {
  private readonly guesses = new Guesses();
  private last: Row<T> | undefined;

  /** The row of a key, if it is guessed. `known`: the number of rows. */
  guess(id: unknown, known: number): Row<T> | undefined {
    if (!this.guesses.areWorthIt(known)) this.last = undefined;
    const next = this.last?.follower;
    if (next === undefined) return undefined;
    if (next.id === id) return this.found(next);
    // Mostly the row that was guessed is left out this once, and the order is the same as before.
    const second = next.follower;
    return second !== undefined && second.id === id ? this.found(second) : undefined;
  }

  /** A look-up has found the row instead. */
  note(row: Row<T>): void {
    const { last } = this;
    if (last !== undefined) {
      if (last.follower?.value !== undefined) this.guesses.miss();
      last.follower = row;
    }
    this.last = row;
  }

  /** The row is removed. It would keep those after it in memory, if they are removed as well. */
  forget(row: Row<T>): void {
    row.follower = undefined;
    if (this.last === row) this.last = undefined;
  }

  private found(row: Row<T>): Row<T> | undefined {
    if (row.value === undefined) return undefined;
    this.last = row;
    return row;
  }
}
