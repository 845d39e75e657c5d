import { Guesses } from '../base/guesses.js';
import type { Row } from './row.js';

/**
 * Guesses the row of the next lookup. In most streams the order of keys repeats in part, so the row that followed the
 * previous one last time is tried before a lookup. Only rows with a value are guessed: removed rows have none.
 */
export class RowsInTurn<T> {
  private readonly guesses = new Guesses();
  private last: Row<T> | undefined;

  /** Returns the row of a key, if the guess is right. `known`: the number of rows. */
  guess(id: unknown, known: number): Row<T> | undefined {
    if (!this.guesses.areWorthIt(known)) this.last = undefined;
    const next = this.last?.follower;
    if (next === undefined) return undefined;
    if (next.id === id) return this.found(next);
    // Usually the guessed row was skipped this time, and the order is the same as before.
    const second = next.follower;
    return second !== undefined && second.id === id ? this.found(second) : undefined;
  }

  /** Records the row that a lookup found instead. */
  note(row: Row<T>): void {
    const { last } = this;
    if (last !== undefined) {
      if (last.follower?.value !== undefined) this.guesses.miss();
      last.follower = row;
    }
    this.last = row;
  }

  /** Removes the links of a removed row: it would keep later ones in memory if they are removed as well. */
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
