import { floorDivide } from '../../../expressions/division.js';
import { compareKeys } from '../../../expressions/key.js';
import type { WindowDescription } from '../../../joins/window.js';
import type { CalledWindow, WindowSlot } from './called-window.js';
import { HeldElements } from './held-elements.js';
import type { Windows } from './windows.js';

/** Windows [start, start + size) that start every so much, aligned to zero plus an offset; tumbling: size is every. */
export function hopping(
  description: Extract<WindowDescription, { type: 'hopping' }>,
  keepsRows: boolean,
  slot: WindowSlot,
): Windows {
  const { size, every, offset } = description as { size: any; every: any; offset: any };
  const one = typeof every === 'bigint' ? 1n : 1;
  /** All that open windows hold. Each lies before the end of the first of them, and so in all that start before it. */
  const held = new HeldElements(keepsRows, slot);
  /** The number of the first open window, its start and its end; only where there is one. */
  let number: any;
  let start: any;
  let end: any;

  /** Borders come from a window's number: steps of a fraction would add up to others after a restart. */
  function open(next: any): void {
    number = next;
    start = startOf(number);
    end = endOf(number);
  }

  function startOf(number: any): any {
    return number * every + offset;
  }

  function endOf(number: any): any {
    // Windows without a gap or an overlap have none by rounding either.
    return size === every ? startOf(number + one) : startOf(number) + size;
  }

  /** The number of the first window that ends above the key. */
  function firstOver(key: any): any {
    const over: any = floorDivide(key - offset - size, every);
    // A quotient may be rounded up or down to a whole number.
    if (endOf(over) > key) return over;
    return endOf(over + one) > key ? over + one : over + one + one;
  }

  function call(): CalledWindow {
    const called = held.call(start, end, start, -1);
    open(number + one);
    held.dropBelow(start);
    return called;
  }

  return {
    take(run) {
      const { keys } = run;
      while (run.at < run.end) {
        const key = keys[run.at];
        if (held.size > 0 && compareKeys(end, key) <= 0) return call();
        if (held.size === 0) open(firstOver(key));
        if (compareKeys(start, key) <= 0) held.take(run);
        else run.at++;
      }
      return undefined;
    },
    close: (key) => (held.size === 0 || compareKeys(end, key) > 0 ? undefined : call()),
    end: () => (held.size === 0 ? undefined : call()),
    timeout: () => undefined,
    oldest: () => held.oldest(),
  };
}
