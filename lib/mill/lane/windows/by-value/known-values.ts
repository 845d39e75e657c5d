import { Guesses } from '../../../../base/guesses.js';

/** The identity of no value. */
const nobody = Symbol('nobody');

/**
 * Numbers the values of a stream, from 0 on. In most streams of many values their order repeats in part: devices that are
 * polled in turn, several elements of one value after each other. So the value that followed the previous one the last time is
 * tried first, which costs a fifth of a look-up. If most guesses are wrong, there are none for a while.
 */
export class KnownValues {
  private readonly numbers = new Map<unknown, number>();
  /** The identity of each number's value. Number 0 is free at first, so that there is always one to compare with. */
  private readonly ids: unknown[] = [nobody];
  /** The number that came after each number the last time. */
  private readonly followers: number[] = [0];
  /** Numbers that are free. */
  private readonly free: number[] = [0];
  private last = 0;
  private readonly guesses = new Guesses();

  get size(): number {
    return this.numbers.size;
  }

  /** The number of a value, by its identity; -1: it is not known. */
  find(id: unknown): number {
    if (!this.guesses.areWorthIt(this.numbers.size)) return this.numbers.get(id) ?? -1;
    const guess = this.followers[this.last] as number;
    if (this.ids[guess] !== id) return this.correct(guess, id);
    this.last = guess;
    return guess;
  }

  /** Mostly the value that was guessed was left out this once, and the one after it came: the order is the same as before. */
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

  /** The number that the next new value gets. */
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

  /** The numbers of all known values, in the order in which they became known. */
  all(): Iterable<number> {
    return this.numbers.values();
  }

  /** Forgets the values to whose numbers this applies. */
  forget(isPast: (number: number) => boolean): void {
    for (const [id, number] of this.numbers) {
      if (!isPast(number)) continue;
      this.numbers.delete(id);
      this.ids[number] = nobody;
      this.free.push(number);
    }
  }
}
