import type { Place } from '../../resume/place.js';
import type { CalledWindow, WindowSlot } from './called-window.js';
import { OpenWindow } from './open-window.js';
import type { Windows } from './windows.js';

/** Windows of `size` survivors, one after the other. A timeout calls the open one with fewer. */
export function batch(size: number, keepsRows: boolean, slot: WindowSlot, done: Place | undefined): Windows {
  const open = new OpenWindow(keepsRows, slot, done);

  function flush(): CalledWindow | undefined {
    return open.call(undefined, undefined);
  }

  return {
    take(run) {
      open.skipDone(run);
      if (run.at < run.end) open.take(run, Math.min(run.end, run.at + size - open.size));
      return open.size === size ? flush() : undefined;
    },
    close: () => undefined,
    end: flush,
    timeout: flush,
    held: () => open.size,
    uncalled: () => open.size,
    skipped: () => open.skipped,
    oldest: () => open.oldest(),
  };
}
