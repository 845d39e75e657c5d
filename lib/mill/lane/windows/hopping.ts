import { compareKeys } from '../../../expressions/key.js';
import type { HoppingDescription } from '../../../joins/windows/window-kinds.js';
import { alignedBorders } from './aligned-borders.js';
import type { CalledWindow, WindowSlot } from './called-window.js';
import type { ClosedWindows } from './closed-windows.js';
import { WindowBuffer } from './window-buffer.js';
import type { Windows } from './windows.js';

/**
 * Windows [start, start + size) that start at equal steps, aligned to zero plus an offset. Tumbling if `size` is
 * `every`.
 */
export function hopping(
  description: HoppingDescription,
  keepsRows: boolean,
  slot: WindowSlot,
  closed: ClosedWindows | undefined,
): Windows {
  const { startOf, endOf, nextOf, firstOver } = alignedBorders(description);
  /**
   * The elements of the open windows. Each is before the end of the first window, and so in all that start before it.
   */
  const held = new WindowBuffer(keepsRows, slot, closed);
  /** The number of the first open window, its start and its end. Only valid if there is one. */
  let number: any;
  let start: any;
  let end: any;

  function open(next: any): void {
    number = next;
    start = startOf(number);
    end = endOf(number);
  }

  function call(): CalledWindow {
    const called = held.call(start, end, start, -1);
    open(nextOf(number));
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
    held: () => held.size,
    uncalled: () => held.uncalled,
    oldest: () => held.oldest(),
  };
}
