import { isDate, RealDate } from '../../../base/date.js';
import { compareKeys } from '../../../expressions/key.js';
import { readStringsOf } from '../../../expressions/read-alike.js';
import { readFiniteOf, readNumbersOf, readUnderSlackOf } from '../../../expressions/read-numbers.js';
import type { KeySource } from '../lane-spec.js';
import type { KeyArithmetic } from './key-arithmetic.js';
import type { KeyDomain, KeyProblem } from './key-domain.js';

const LOWEST = Number.NEGATIVE_INFINITY;
const HIGHEST = Number.POSITIVE_INFINITY;

/**
 * One key expression of a node: reads the keys of its elements, checks that they can be compared and, where distances are
 * added, that they can be; where it is ordered, knows the highest so far. Inside the lane a Date is its milliseconds.
 */
export class KeyTrack {
  /** The highest key that was accepted; `-Infinity` before the first. */
  high: any = LOWEST;
  private isNumeric = false;
  /** The key that `read` found last, until `accept`. */
  current: any = undefined;
  /** The same key as the expression returned it. */
  given: unknown = undefined;
  /** What is wrong with it. */
  problem: KeyProblem = 'order';
  /** What is wrong with it in words, if `problem` is `distance`. */
  reason: string | undefined = undefined;

  private arithmetic: readonly KeyArithmetic[] = [];
  /** Numbers nearer to zero than this need no look at what is computed of them. */
  private safe = HIGHEST;
  private safeDates = HIGHEST;

  /** The source's own, which makes it at its first use. */
  private readonly evaluate: KeySource['evaluate'];
  /** Asked once: an expression makes its text each time. */
  private readonly isFunction: boolean;

  constructor(
    readonly source: KeySource,
    readonly domain: KeyDomain,
    /** Its keys must not decrease; are compared for equality only; or are so, and null is none of them, equal to nothing. */
    private readonly demand: 'ordered' | 'equal' | 'nullable' = 'ordered',
  ) {
    this.evaluate = source.evaluate;
    this.isFunction = source.code === undefined;
  }

  get isOrdered(): boolean {
    return this.demand === 'ordered';
  }

  /** This is computed of its keys, too. */
  use(arithmetic: readonly KeyArithmetic[]): void {
    this.arithmetic = [...this.arithmetic, ...arithmetic];
    this.safe = Math.min(this.safe, ...arithmetic.map(({ safe }) => safe));
    this.safeDates = Math.min(this.safeDates, ...arithmetic.map(({ safeDates }) => safeDates));
  }

  /** Below it are the numbers that need no look where all are at least `low`. */
  private limitFrom(low: number): number {
    return low > -this.safe ? this.safe : LOWEST;
  }

  /** Reads the key of an element and accepts it, where it is valid and in order; it is in `current`. */
  advance(element: object): boolean {
    const key = this.evaluate(element);
    // Nearly all keys are numbers after numbers; NaN and Infinity fail one of the comparisons.
    if (typeof key === 'number' && this.isNumeric && key >= this.high && key < this.safe) {
      this.current = key;
      this.high = key;
      return true;
    }
    if (!this.check(key) || !this.inOrder()) return false;
    this.accept();
    return true;
  }

  /**
   * Does the same for elements from an index on and before another, as long as their keys are numbers in order; keys go into
   * an array. Returns the index of the first that must be evaluated alone.
   */
  advanceRun(elements: readonly object[], from: number, to: number, keys: any[]): number {
    if (!this.isNumeric) return from;
    const stop = readNumbersOf(this.source)(elements, from, to, keys, 0, this.high, this.safe);
    if (stop > from) this.high = keys[stop - from - 1];
    return stop;
  }

  /** Reads keys into an array from its second place on, as long as they are numbers in order; accepts none of them. */
  readAfterFirst(elements: readonly object[], from: number, to: number, keys: Float64Array): number {
    const first = keys[0] as number;
    return readNumbersOf(this.source)(elements, from, to, keys, 1, first, this.limitFrom(first));
  }

  /** Does the same with keys that are out of order by no more than `slack`. */
  readUnderSlack(elements: readonly object[], from: number, to: number, keys: any[], slack: number): number {
    if (!this.isNumeric) return from;
    const limit = this.limitFrom(this.high - slack);
    return readUnderSlackOf(this.source)(elements, from, to, keys, 0, this.high, limit, slack);
  }

  /** Whether the element has a valid key here; it is in `current`. */
  read(element: object): boolean {
    return this.check(this.evaluate(element));
  }

  private check(key: unknown): boolean {
    this.given = key;
    this.current = key;
    if (key == null && this.demand === 'nullable') {
      this.current = undefined;
      return true;
    }
    const problem = this.domain.problemOf(key);
    if (problem !== undefined) {
      this.problem = problem;
      return false;
    }
    if (typeof key === 'number') return Math.abs(key) < this.safe || this.canCompute(key, false);
    if (typeof key !== 'object') return true;
    if (isDate(key)) {
      const milliseconds = key.getTime();
      this.current = milliseconds;
      return Math.abs(milliseconds) < this.safeDates || this.canCompute(milliseconds, true);
    }
    // A function may return an array of the element itself, which the user may change.
    if (this.isFunction) this.current = [...(key as readonly unknown[])];
    return true;
  }

  private canCompute(key: number, isOfDate: boolean): boolean {
    for (const arithmetic of this.arithmetic) {
      this.reason = arithmetic.problemOf(key, isOfDate);
      if (this.reason === undefined) continue;
      this.problem = 'distance';
      return false;
    }
    return true;
  }

  /** Does the same for elements from an index on, which need no order; keys and result as in `advanceRun`. */
  readRun(elements: readonly object[], from: number, to: number, keys: any[]): number {
    const { domain } = this;
    // The first key of all determines the type of the others: it is taken alone.
    if (domain.sample === undefined) return from;
    if (domain.isNumber) return readFiniteOf(this.source)(elements, from, to, keys, 0, LOWEST, HIGHEST);
    if (typeof domain.sample === 'string') return readStringsOf(this.source)(elements, from, to, keys, 0);
    let i = from;
    try {
      for (; i < to; i++) {
        if (!this.check(this.evaluate(elements[i]))) break;
        keys[i - from] = this.current;
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

  /** Keeps the type of the key that was read: later keys must be comparable with it. */
  settle(): void {
    if (this.current === undefined) return;
    this.domain.sample ??= isDate(this.given) ? new RealDate(this.current) : this.current;
  }

  /** Keeps the key that was read: later keys must not be lower. */
  accept(): void {
    this.settle();
    this.isNumeric = this.domain.isNumber && this.current > -this.safe;
    this.high = this.current;
  }

  /** A key that the user gave otherwise, as the lane has it; undefined if it is not comparable. */
  adopt(key: unknown): any {
    return this.check(key) ? this.current : undefined;
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
