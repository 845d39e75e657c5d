import { isDate, RealDate } from '../../base/date.js';
import { comparable, compareKeys, keyType } from '../../expressions/key.js';
import { type ReadNumbers, readNumbersOf, readUnderSlackOf } from '../../expressions/read-numbers.js';
import type { KeyUnit } from '../../joins/matching/matching.js';
import type { KeyProblem } from './answer.js';
import type { KeySource } from './lane-spec.js';

/** What the keys of both sides of an edge look like: set by the first valid key of either. */
export class KeyDomain {
  sample: unknown = undefined;
  /** What is added to its keys, where anything is. */
  unit: KeyUnit | undefined = undefined;

  /** Whether a valid key can be moved as its unit says. */
  fits(key: unknown): boolean {
    const { unit } = this;
    return unit === undefined || typeof key === unit || (unit === 'number' && isDate(key));
  }

  /** Dates count by their milliseconds. */
  get isDate(): boolean {
    return isDate(this.sample);
  }
}

/**
 * One ordered key expression of a node: reads the keys of its elements, checks them, knows the highest so far. Inside
 * the lane a Date is its milliseconds.
 */
export class KeyTrack {
  /** The highest key that was accepted; `-Infinity` before the first. */
  high: any = Number.NEGATIVE_INFINITY;
  private isNumeric = false;
  /** The key that `read` found last, until `accept`. */
  current: any = undefined;
  problem: KeyProblem = 'order';

  /** The source's own, which makes it at its first use. */
  private readonly evaluate: KeySource['evaluate'];

  constructor(
    readonly source: KeySource,
    readonly domain: KeyDomain,
  ) {
    this.evaluate = source.evaluate;
  }

  /** Reads the keys of many elements, where they are numbers. */
  get readNumbers(): ReadNumbers {
    return readNumbersOf(this.source);
  }

  /** Reads the key of an element and accepts it, where it is valid and in order; it is in `current`. */
  advance(element: object): boolean {
    const key = this.evaluate(element);
    // Nearly all keys are numbers after numbers; NaN and Infinity fail one of the comparisons.
    if (typeof key === 'number' && this.isNumeric && key >= this.high && key < Number.POSITIVE_INFINITY) {
      this.current = key;
      this.high = key;
      return true;
    }
    this.current = key;
    if (!this.check(key) || !this.inOrder()) return false;
    this.accept();
    return true;
  }

  /**
   * Does the same for elements from an index on and before another, as long as their keys are numbers in order; keys go into
   * an array. Gives the index of the first that is to be asked for alone.
   */
  advanceRun(elements: readonly object[], from: number, to: number, keys: any[]): number {
    if (!this.isNumeric) return from;
    const stop = this.readNumbers(elements, from, to, keys, 0, this.high);
    if (stop > from) this.high = keys[stop - from - 1];
    return stop;
  }

  /** Does the same with keys that are out of order by no more than `slack`, but does not accept them. */
  readUnderSlack(elements: readonly object[], from: number, to: number, keys: any[], slack: number): number {
    return this.isNumeric ? readUnderSlackOf(this.source)(elements, from, to, keys, 0, this.high, slack) : from;
  }

  /** Whether the element has a valid key here; it is in `current`. */
  read(element: object): boolean {
    const key = this.evaluate(element);
    this.current = key;
    return this.check(key);
  }

  private check(key: unknown): boolean {
    if (keyType(key) === undefined) {
      this.problem = 'invalid';
      return false;
    }
    if (this.domain.sample === undefined) {
      if (!this.domain.fits(key)) {
        this.problem = 'unit';
        return false;
      }
      this.domain.sample = key;
    } else if (!comparable(key, this.domain.sample)) {
      this.problem = 'type';
      return false;
    }
    if (isDate(key)) this.current = key.getTime();
    return true;
  }

  /** Reads a key that needs no order: anything but NaN will do. */
  readUnordered(element: object): boolean {
    this.current = this.evaluate(element);
    if (!Number.isNaN(this.current)) return true;
    this.problem = 'invalid';
    return false;
  }

  /** Does the same for elements from an index on; keys and what it gives as in `advanceRun`. */
  readUnorderedRun(elements: readonly object[], from: number, to: number, keys: any[]): number {
    let i = from;
    try {
      for (; i < to; i++) {
        const key = this.evaluate(elements[i]);
        if (Number.isNaN(key)) break;
        keys[i - from] = key;
      }
    } catch {
      // It fails again when its turn comes.
    }
    return i;
  }

  /** Whether the key that was read keeps the order. */
  inOrder(): boolean {
    if (compareKeys(this.current, this.high) >= 0) return true;
    this.problem = 'order';
    return false;
  }

  accept(): void {
    this.isNumeric = typeof this.domain.sample === 'number';
    this.high = this.current;
  }

  /** The key of an element that has a right one. */
  keyOf(element: object): any {
    const key = this.evaluate(element);
    return isDate(key) ? key.getTime() : key;
  }

  /** A key of this track as the user knows it. */
  show(key: any): unknown {
    return this.domain.isDate && Number.isFinite(key) ? new RealDate(key) : key;
  }
}
