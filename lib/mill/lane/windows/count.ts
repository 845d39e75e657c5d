import { WindowContent } from './window-content.js';
import type { OldestElement, Windows } from './windows.js';

/** Windows of `size` survivors, one starting at every `every`-th of them. In batches a timeout calls the open one as it is. */
export function count(size: number, every: number, batches: boolean, keepsRows: boolean): Windows {
  let sinceStart = 0;
  const open: WindowContent[] = [];
  /** The first element of the last window: from there a restart counts, where windows have gaps between them. */
  let anchor: OldestElement | undefined;

  function flush(): WindowContent | undefined {
    return open.shift()?.called(undefined, undefined);
  }

  return {
    add(element, position, key, orderKey, row) {
      for (const window of open) window.add(element, position, key, row);
      if (sinceStart === 0) {
        const window = new WindowContent(element, position, key, orderKey, row, keepsRows);
        open.push(window);
        anchor = window;
      }
      sinceStart = (sinceStart + 1) % every;
      return open[0]?.elements.length === size ? flush() : undefined;
    },
    close(floor) {
      if (floor !== Number.POSITIVE_INFINITY) return undefined;
      // From here on it is never read again: timeouts might cut it otherwise then.
      if (batches) sinceStart = 0;
      return flush();
    },
    timeout() {
      if (!batches || open.length === 0) return undefined;
      sinceStart = 0;
      return flush();
    },
    oldest: () => open[0] ?? (sinceStart > 0 ? anchor : undefined),
    get size() {
      return open.reduce((most, window) => Math.max(most, window.elements.length), anchor === undefined ? 0 : 1);
    },
  };
}
