import { compareKeys } from '../../../expressions/key.js';
import type { WindowDescription } from '../../../joins/window.js';
import type { Row } from '../row.js';
import type { Windows } from './windows.js';

/** Windows [start, start + size) that start every so much, aligned to zero plus an offset; tumbling: size is every. */
export function hopping(description: Extract<WindowDescription, { type: 'hopping' }>): Windows {
  const { size, every, offset } = description as { size: any; every: any; offset: any };
  /** By start, in the order of starts. */
  const open = new Map<any, Row[]>();

  /** The start of the first window that holds the key: the lowest one above `key - size`. */
  function firstStart(key: any): any {
    const below = key - offset - size;
    return floorDivide(below, every) * every + offset + every;
  }

  return {
    add(row) {
      const key: any = row.windowKey;
      for (let start = firstStart(key); start <= key; start += every) {
        const rows = open.get(start);
        if (rows === undefined) open.set(start, [row]);
        else rows.push(row);
      }
      return undefined;
    },
    close(floor) {
      if (floor === undefined) return undefined;
      for (const [start, rows] of open) {
        const end = start + size;
        if (compareKeys(end, floor) > 0) return undefined;
        open.delete(start);
        return { id: { key: start, position: -1 }, rows, start, end };
      }
      return undefined;
    },
    timeout: () => undefined,
    oldest() {
      for (const rows of open.values()) return rows[0];
      return undefined;
    },
    get size() {
      const rows = new Set<Row>();
      for (const window of open.values()) for (const row of window) rows.add(row);
      return rows.size;
    },
  };
}

function floorDivide<N extends number | bigint>(a: N, b: N): N {
  if (typeof a === 'number') return Math.floor((a as number) / (b as number)) as N;
  const quotient = (a as bigint) / (b as bigint);
  return ((a as bigint) % (b as bigint) < 0n ? quotient - 1n : quotient) as N;
}
