import type { CalledWindow, WindowSlot } from './called-window.js';
import type { ClosedWindows } from './closed-windows.js';
import { WindowBuffer } from './window-buffer.js';
import type { OldestElement, Windows } from './windows.js';

/** Windows of `size` survivors, one starting at every `every`-th of them. */
export function count(
  size: number,
  every: number,
  keepsRows: boolean,
  slot: WindowSlot,
  closed: ClosedWindows | undefined,
): Windows {
  /** The elements of the open windows, from the start of the first of them. */
  const held = new WindowBuffer(keepsRows, slot, closed);
  let sinceStart = 0;
  /** The first element of the last window, from which a restart counts if windows have gaps between them. */
  let anchor: OldestElement | undefined;

  function call(): CalledWindow | undefined {
    const first = held.oldest();
    if (first === undefined) return undefined;
    const called = held.call(undefined, undefined, first.orderKey, first.position);
    held.drop(every);
    return called;
  }

  return {
    take(run) {
      while (run.at < run.end) {
        const isInWindow = sinceStart < size;
        if (isInWindow) held.take(run);
        else run.at++;
        if (sinceStart === 0) anchor = held.newest();
        sinceStart = (sinceStart + 1) % every;
        if (isInWindow && held.size === size) return call();
      }
      return undefined;
    },
    close: () => undefined,
    end: call,
    timeout: () => undefined,
    held: () => held.size,
    uncalled: () => held.uncalled,
    oldest: () => held.oldest() ?? (sinceStart > 0 ? anchor : undefined),
  };
}
