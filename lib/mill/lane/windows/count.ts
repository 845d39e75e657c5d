import type { Place, Row } from '../row.js';
import type { WindowCall, Windows } from './windows.js';

/** Windows of `size` survivors, one starting at every `every`-th of them. In batches a timeout calls the open one as it is. */
export function count(placeOf: (row: Row) => Place, size: number, every: number, batches: boolean): Windows {
  let sinceStart = 0;
  const open: Row[][] = [];
  /** The first row of the last window: from there a restart counts, where windows have gaps between them. */
  let anchor: Row | undefined;

  function flush(): WindowCall {
    const rows = open.shift() as Row[];
    return { id: placeOf(rows[0] as Row), rows, start: undefined, end: undefined };
  }

  return {
    add(row) {
      if (sinceStart === 0) {
        open.push([]);
        anchor = row;
      }
      sinceStart = (sinceStart + 1) % every;
      for (const rows of open) rows.push(row);
      return open[0]?.length === size ? flush() : undefined;
    },
    close: (floor) => (floor === Number.POSITIVE_INFINITY && open.length > 0 ? flush() : undefined),
    timeout() {
      if (!batches || open.length === 0) return undefined;
      sinceStart = 0;
      return flush();
    },
    oldest: () => open[0]?.[0] ?? (sinceStart > 0 ? anchor : undefined),
    get size() {
      return open.reduce((most, rows) => Math.max(most, rows.length), anchor === undefined ? 0 : 1);
    },
  };
}
