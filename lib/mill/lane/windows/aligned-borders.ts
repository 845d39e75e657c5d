import { floorDivide } from '../../../expressions/division.js';
import type { HoppingDescription } from '../../../joins/windows/window-kinds.js';
import type { Borders } from './borders.js';

/** Windows [start, start + size) that start at equal steps, by number. Window 0 starts at the offset. */
export interface AlignedBorders {
  startOf(number: any): any;
  endOf(number: any): any;
  nextOf(number: any): any;
  /** The number of the first window that ends above the key. */
  firstOver(key: any): any;
  /** The number of the last window that starts at or below the key. */
  lastFrom(key: any): any;
  /** Returns whether the borders around a key are exact, and each is above the previous one. */
  isExact(key: number): boolean;
}

/**
 * Returns a function that finds the borders of the window of a key, or of the next one if the key is between two. For
 * windows that do not overlap.
 */
export function tumblingBorders(description: HoppingDescription): (key: any) => Borders {
  const { firstOver, startOf, endOf } = alignedBorders(description);
  return (key) => {
    const number = firstOver(key);
    return { start: startOf(number), end: endOf(number) };
  };
}

/** Computes borders from window numbers: repeated addition of a fraction would lead to others after a restart. */
export function alignedBorders(description: Pick<HoppingDescription, 'size' | 'every' | 'offset'>): AlignedBorders {
  const { size, every, offset } = description as { size: any; every: any; offset: any };
  const one: any = typeof every === 'bigint' ? 1n : 1;
  // Windows without gaps or overlaps must not have any by rounding either.
  const isTumbling = size === every;

  function startOf(number: any): any {
    return number * every + offset;
  }

  function nextOf(number: any): any {
    return number + one;
  }

  function endOf(number: any): any {
    return isTumbling ? startOf(number + one) : startOf(number) + size;
  }

  function firstOver(key: any): any {
    const over: any = floorDivide(key - offset - size, every);
    // A quotient may be rounded up or down to a whole number.
    if (endOf(over) > key) return over;
    return endOf(over + one) > key ? over + one : over + one + one;
  }

  function lastFrom(key: any): any {
    const from: any = floorDivide(key - offset, every);
    if (startOf(from) > key) return from - one;
    return startOf(from + one) > key ? from : from + one;
  }

  function isExact(key: number): boolean {
    const number: number = firstOver(key);
    const last: number = lastFrom(key);
    return (
      Math.abs(number) < Number.MAX_SAFE_INTEGER &&
      Math.abs(last) < Number.MAX_SAFE_INTEGER &&
      endOf(number - 1) <= key &&
      endOf(number) > key &&
      startOf(last) <= key &&
      startOf(last + 1) > key &&
      [number, last].every(
        (at) => startOf(at + 1) > startOf(at) && endOf(at) > startOf(at) && endOf(at + 1) > endOf(at),
      )
    );
  }

  return { startOf, endOf, nextOf, firstOver, lastFrom, isExact };
}
