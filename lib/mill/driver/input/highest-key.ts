import { isDate } from '../../../base/date.js';
import type { Expression } from '../../../expressions/expression.js';

/** The highest key of the elements that a node has read. Elements may be out of order, and their keys invalid. */
export class HighestKey {
  /** A number or a bigint; of Dates the milliseconds. Undefined before the first valid key. */
  value: any;

  constructor(
    private readonly key: Expression<any, any>,
    /** The lane fails for a key that is lower than one before it. */
    private readonly isInOrder: boolean,
    before: unknown,
  ) {
    this.value = distanceOf(before);
  }

  /** Takes more elements. The lane reports invalid keys when it reaches them. */
  take(elements: readonly object[], start: number, end: number): void {
    for (let i = this.isInOrder ? end - 1 : start; i < end; i++) this.takeKey(this.keyOf(elements[i] as object));
  }

  private keyOf(element: object): number | bigint | undefined {
    try {
      return distanceOf(this.key.evaluate(element));
    } catch {
      return undefined;
    }
  }

  private takeKey(key: number | bigint | undefined): void {
    const { value } = this;
    if (value === undefined ? key !== undefined : typeof key === typeof value && key! > value) this.value = key;
  }
}

function distanceOf(key: unknown): number | bigint | undefined {
  const distance = isDate(key) ? key.getTime() : key;
  return typeof distance === 'bigint' || Number.isFinite(distance) ? (distance as number | bigint) : undefined;
}
