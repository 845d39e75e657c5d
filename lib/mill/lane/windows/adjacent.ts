import { compareKeys } from '../../../expressions/key.js';
import { type KeyDistance, shiftKey } from '../../../joins/matching/matching.js';
import type { Place, Row } from '../row.js';
import { sameWindowKey } from './same-window-key.js';
import type { WindowCall, Windows } from './windows.js';

/**
 * One open window of rows that follow each other: with equal keys (an expression window, `gap` 0), or each at most `gap`
 * after the one before (a session).
 */
export function adjacent(placeOf: (row: Row) => Place, gap: KeyDistance, equalOnly: boolean): Windows {
  let open: Row[] = [];

  function continues(key: unknown): boolean {
    const last = (open[open.length - 1] as Row).windowKey;
    return equalOnly ? sameWindowKey(last, key) : compareKeys(shiftKey(last, gap), key) >= 0;
  }

  function flush(): WindowCall {
    const rows = open;
    open = [];
    const first = rows[0] as Row;
    const last = rows[rows.length - 1] as Row;
    return { id: placeOf(first), rows, start: first.windowKey, end: last.windowKey };
  }

  return {
    add(row) {
      open.push(row);
      return undefined;
    },
    close: (floor) => (open.length === 0 || floor === undefined || continues(floor) ? undefined : flush()),
    timeout: (key) => (open.length === 0 || !equalOnly || sameWindowKey(open[0]?.windowKey, key) ? undefined : flush()),
    oldest: () => open[0],
    get size() {
      return open.length;
    },
  };
}
