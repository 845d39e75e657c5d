import { comparable, compareKeys, keyType } from '../../expressions/key.js';
import type { KeySource } from './lane-spec.js';

/** What the keys of both sides of an edge look like: set by the first valid key of either. */
export class KeyDomain {
  sample: unknown = undefined;

  /** Dates count by their milliseconds. */
  get isDate(): boolean {
    return this.sample instanceof Date;
  }
}

/**
 * One ordered key expression of a node: reads the keys of its elements, checks them, knows the highest so far. Inside
 * the lane a Date is its milliseconds.
 */
export class KeyTrack {
  /** The highest key that was accepted; `-Infinity` before the first. */
  high: any = Number.NEGATIVE_INFINITY;
  /** The lowest. */
  first: any = undefined;
  private isNumeric = false;
  /** The key that `read` found last, until `accept`. */
  current: any = undefined;
  problem: 'order' | 'invalid' | 'type' = 'order';

  constructor(
    readonly source: KeySource,
    readonly domain: KeyDomain,
  ) {}

  /** Reads the key of an element and accepts it, where it is valid and in order; it is in `current`. */
  advance(element: object): boolean {
    const key = this.source.evaluate(element);
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

  /** Whether the element has a valid key here; it is in `current`. */
  read(element: object): boolean {
    const key = this.source.evaluate(element);
    this.current = key;
    return this.check(key);
  }

  private check(key: unknown): boolean {
    if (keyType(key) === undefined) {
      this.problem = 'invalid';
      return false;
    }
    if (this.domain.sample === undefined) this.domain.sample = key;
    else if (!comparable(key, this.domain.sample)) {
      this.problem = 'type';
      return false;
    }
    if (key instanceof Date) this.current = key.getTime();
    return true;
  }

  /** Reads a key that needs no order: anything but NaN will do. */
  readUnordered(element: object): boolean {
    this.current = this.source.evaluate(element);
    if (!Number.isNaN(this.current)) return true;
    this.problem = 'invalid';
    return false;
  }

  /** Whether the key that was read keeps the order. */
  inOrder(): boolean {
    if (compareKeys(this.current, this.high) >= 0) return true;
    this.problem = 'order';
    return false;
  }

  accept(): void {
    if (this.first === undefined) {
      this.first = this.current;
      this.isNumeric = typeof this.domain.sample === 'number';
    }
    this.high = this.current;
  }

  /** A key of this track as the user knows it. */
  show(key: any): unknown {
    return this.domain.isDate && Number.isFinite(key) ? new Date(key) : key;
  }
}
