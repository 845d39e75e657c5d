import { compareKeys } from '../../../expressions/key.js';
import { type KeyDistance, shiftKey } from '../../../joins/matching/matching.js';
import type { Place, Row } from '../row.js';
import type { Windows } from './windows.js';

/** Each row's window: the rows from `key - size` up to the row itself, both ends included. */
export function sliding(placeOf: (row: Row) => Place, size: KeyDistance): Windows {
  let rows: Row[] = [];
  let start = 0;

  function dropBelow(low: any): void {
    while (start < rows.length && compareKeys((rows[start] as Row).windowKey, low) < 0) start++;
    if (start > 1024 && start * 2 > rows.length) {
      rows = rows.slice(start);
      start = 0;
    }
  }

  return {
    add(row) {
      const low = shiftKey(row.windowKey, -size);
      dropBelow(low);
      rows.push(row);
      return { id: placeOf(row), rows: rows.slice(start), start: low, end: row.windowKey };
    },
    close(floor) {
      if (floor !== undefined) dropBelow(shiftKey(floor, -size));
      return undefined;
    },
    timeout: () => undefined,
    oldest: () => rows[start],
    get size() {
      return rows.length - start;
    },
  };
}
