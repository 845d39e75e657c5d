import { Guesses } from '../../../../base/guesses.js';

/** An identity that no value has. */
const nobody = Symbol('nobody');

/**
 * Numbers the values of a stream, from 0 on. In most streams the order of values repeats in part: devices that are
 * polled in turn, several elements of one value in a row. So the value that followed the previous one last time is
 * tried first, at a fifth of the cost of a lookup. If most predictions are wrong, they are suspended for a while.
 */
export class KnownValues {
  private readonly numbers = new Map<unknown, number>();
  /**
   * The identity of the value of each number. Number 0 is free at first, so that there is always one to compare with.
   */
  private readonly ids: unknown[] = [nobody];
  /** For each number, the number that followed it last time. */
  private readonly followers: number[] = [0];
  /** Numbers that are free. */
  private readonly free: number[] = [0];
  private last = 0;
  private readonly guesses = new Guesses();

  get size(): number {
    return this.numbers.size;
  }

  /** Returns the number of a value, by its identity; -1 if it is unknown. */
  find(id: unknown): number {
    if (!this.guesses.areWorthIt(this.numbers.size)) return this.numbers.get(id) ?? -1;
    const guess = this.followers[this.last] as number;
    if (this.ids[guess] !== id) return this.correct(guess, id);
    this.last = guess;
    return guess;
  }

  /**
   * Corrects a wrong prediction. Usually the predicted value was skipped this time, and the following one came: the
   * order is the same as before.
   */
  private correct(guess: number, id: unknown): number {
    const next = this.followers[guess] as number;
    if (this.ids[next] === id) {
      this.last = next;
      return next;
    }
    const number = this.numbers.get(id);
    if (number === undefined) return -1;
    this.guesses.miss();
    this.followers[this.last] = number;
    this.last = number;
    return number;
  }

  /** The number of the next new value. */
  get next(): number {
    return this.free.at(-1) ?? this.ids.length;
  }

  add(id: unknown): void {
    const number = this.next;
    this.free.pop();
    this.numbers.set(id, number);
    this.ids[number] = id;
    this.followers[number] = number;
    this.followers[this.last] = number;
    this.last = number;
  }

  /** Returns the numbers of all known values, in the order in which they became known. */
  all(): Iterable<number> {
    return this.numbers.values();
  }

  /** Drops the values whose numbers satisfy a condition. */
  forget(isPast: (number: number) => boolean): void {
    for (const [id, number] of this.numbers) {
      if (!isPast(number)) continue;
      this.numbers.delete(id);
      this.ids[number] = nobody;
      this.free.push(number);
    }
  }
}
