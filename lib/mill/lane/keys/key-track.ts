import { isDate, RealDate } from '../../../base/date.js';
import { compareKeys, copyOfKey, type Key } from '../../../expressions/key.js';
import { readStringsOf } from '../../../expressions/read-alike.js';
import { readFiniteOf, readNumbersOf, readUnderSlackOf } from '../../../expressions/read-numbers.js';
import type { KeySource } from '../lane-spec.js';
import type { KeyArithmetic } from './key-arithmetic.js';
import type { KeyDomain, KeyProblem } from './key-domain.js';

const LOWEST = Number.NEGATIVE_INFINITY;
const HIGHEST = Number.POSITIVE_INFINITY;

/**
 * One key expression of a node. It reads the keys of the elements and checks that they can be compared and that
 * distances can be added to them. If the expression is ordered, it keeps the highest key so far. Inside the lane a Date
 * is its milliseconds.
 */
export class KeyTrack {
  /** The highest accepted key; `-Infinity` before the first. */
  high: any = LOWEST;
  private isNumeric = false;
  /** The key that `read` returned last, until `accept`. */
  current: any = undefined;
  /** The same key as the expression returned it. */
  given: unknown = undefined;
  /** What is wrong with `current`. */
  problem: KeyProblem = 'order';
  /** The reason as a clause, if `problem` is `distance`. */
  reason: string | undefined = undefined;

  private arithmetic: readonly KeyArithmetic[] = [];
  /** Numbers with an absolute value below this need no check of `arithmetic`. */
  private safe = HIGHEST;
  private safeDates = HIGHEST;

  /** A copy of the source's function, which the source generates at its first use. */
  private readonly evaluate: KeySource['evaluate'];
  /** Kept, because an expression prints its code each time it is asked for. */
  private readonly isFunction: boolean;

  constructor(
    readonly source: KeySource,
    readonly domain: KeyDomain,
    /**
     * `ordered`: keys must not decrease. `equal`: keys are only compared for equality. `nullable`: like `equal`, and
     * null is not a key and equals nothing.
     */
    private readonly demand: 'ordered' | 'equal' | 'nullable' = 'ordered',
  ) {
    this.evaluate = source.evaluate;
    this.isFunction = source.code === undefined;
  }

  get isOrdered(): boolean {
    return this.demand === 'ordered';
  }

  /** Adds computations that are done with the keys. */
  use(arithmetic: readonly KeyArithmetic[]): void {
    this.arithmetic = [...this.arithmetic, ...arithmetic];
    this.safe = Math.min(this.safe, ...arithmetic.map(({ safe }) => safe));
    this.safeDates = Math.min(this.safeDates, ...arithmetic.map(({ safeDates }) => safeDates));
  }

  /** The upper bound of the numbers that need no check, if all are at least `low`. */
  private limitFrom(low: number): number {
    return low > -this.safe ? this.safe : LOWEST;
  }

  /** Reads the key of an element into `current`, and accepts it if it is valid and in order. */
  advance(element: object): boolean {
    const key = this.evaluate(element);
    // Nearly all keys are numbers that follow numbers; NaN and Infinity fail one of the comparisons.
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
   * Like `advance` for the elements from `from` to before `to`, as long as their keys are numbers in order, with the
   * keys written to `keys`. Returns the index of the first element that must be read on its own.
   */
  advanceRun(elements: readonly object[], from: number, to: number, keys: any[]): number {
    if (!this.isNumeric) return from;
    const stop = readNumbersOf(this.source)(elements, from, to, keys, 0, this.high, this.safe);
    if (stop > from) this.high = keys[stop - from - 1];
    return stop;
  }

  /** Reads keys into an array from index 1 on, as long as they are numbers in order. Does not accept them. */
  readAfterFirst(elements: readonly object[], from: number, to: number, keys: Float64Array): number {
    const first = keys[0] as number;
    return readNumbersOf(this.source)(elements, from, to, keys, 1, first, this.limitFrom(first));
  }

  /** Like `readAfterFirst` from index 0, for keys that may be out of order by up to `slack`. */
  readUnderSlack(elements: readonly object[], from: number, to: number, keys: any[], slack: number): number {
    if (!this.isNumeric) return from;
    const limit = this.limitFrom(this.high - slack);
    return readUnderSlackOf(this.source)(elements, from, to, keys, 0, this.high, limit, slack);
  }

  /** Returns whether the element has a valid key, and keeps it in `current`. */
  read(element: object): boolean {
    return this.check(this.evaluate(element));
  }

  /** Like `read`, but false for the first key of all: it fixes the type of the others when its element is taken. */
  readAhead(element: object): boolean {
    return this.read(element) && (this.current === undefined || this.domain.sample !== undefined);
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
    this.current = this.ownTuple(key as readonly unknown[]);
    return true;
  }

  /**
   * A tuple that the user cannot change: a function may return an array of the element, or one that it reuses, and the
   * Dates in a tuple are those of the element.
   */
  private ownTuple(tuple: readonly unknown[]): readonly unknown[] {
    return this.isFunction || tuple.some(isDate) ? copyOfKey(tuple as Key & readonly unknown[]) : tuple;
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

  /** Like `advanceRun` for keys that need not be in order. */
  readRun(elements: readonly object[], from: number, to: number, keys: any[]): number {
    const { domain } = this;
    // The first key sets the type of all others, so it is read on its own.
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
      // The expression throws again when this element is read on its own.
    }
    return i;
  }

  /** Returns whether `current` keeps the order. */
  inOrder(): boolean {
    if (compareKeys(this.current, this.high) >= 0) return true;
    this.problem = 'order';
    return false;
  }

  /** Fixes the type of the keys by the key that was read last: later keys must be comparable with it. */
  settle(): void {
    if (this.current === undefined) return;
    this.domain.sample ??= isDate(this.given) ? new RealDate(this.current) : this.current;
  }

  /** Accepts the key that was read last: later keys must not be lower. */
  accept(): void {
    this.settle();
    this.isNumeric = this.domain.isNumber && this.current > -this.safe;
    this.high = this.current;
  }

  /**
   * Converts a key that did not come from the expression to the lane's representation; undefined if it is not
   * comparable.
   */
  adopt(key: unknown): any {
    return this.check(key) ? this.current : undefined;
  }

  /** The key of an element that is known to have a valid one. */
  keyOf(element: object): any {
    const key = this.evaluate(element);
    if (typeof key !== 'object') return key;
    return isDate(key) ? key.getTime() : this.ownTuple(key as readonly unknown[]);
  }

  /** Converts a key to the user's representation, which the user may change. */
  show(key: any): unknown {
    if (typeof key === 'object') return copyOfKey(key);
    return this.domain.isDate && Number.isFinite(key) ? new RealDate(key) : key;
  }
}
