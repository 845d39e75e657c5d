import { compareKeys } from '../../../expressions/key.js';
import type { WindowDescription } from '../../../joins/window.js';
import { WindowContent } from './window-content.js';
import type { Windows } from './windows.js';

/** Windows [start, start + size) that start every so much, aligned to zero plus an offset; tumbling: size is every. */
export function hopping(description: Extract<WindowDescription, { type: 'hopping' }>, keepsRows: boolean): Windows {
  const { size, every, offset } = description as { size: any; every: any; offset: any };
  /** In the order of their starts, from `first` on. A window without elements is not there. */
  let open: (WindowContent | undefined)[] = [];
  let first = 0;

  /** The start of the first window that holds the key: the lowest one above `key - size`. */
  function firstStart(key: any): any {
    return floorDivide(key - offset - size, every) * every + offset + every;
  }

  return {
    add(element, position, key, orderKey, row) {
      let start = firstStart(key);
      // All open windows start at this one or later: those before were closed by this key. Their starts are in step.
      for (let i = first; i < open.length; i++) {
        const window = open[i] as WindowContent;
        if (compareKeys(window.idKey, start) < 0) continue;
        window.add(element, position, key, row);
        start = window.idKey + every;
      }
      for (; start <= key; start += every) {
        const window = new WindowContent(element, position, key, orderKey, row, keepsRows);
        window.idKey = start;
        window.idPosition = -1;
        open.push(window);
      }
      return undefined;
    },
    close(floor) {
      const window = open[first];
      if (floor === undefined || window === undefined) return undefined;
      const end = window.idKey + size;
      if (compareKeys(end, floor) > 0) return undefined;
      open[first] = undefined;
      first++;
      if (first === open.length || first > 1024) {
        open = open.slice(first);
        first = 0;
      }
      return window.called(window.idKey, end);
    },
    timeout: () => undefined,
    oldest: () => open[first],
    get size() {
      const held = new Set<object>();
      for (let i = first; i < open.length; i++) for (const element of open[i]?.elements ?? []) held.add(element);
      return held.size;
    },
  };
}

function floorDivide<N extends number | bigint>(a: N, b: N): N {
  if (typeof a === 'number') return Math.floor((a as number) / (b as number)) as N;
  const quotient = (a as bigint) / (b as bigint);
  return ((a as bigint) % (b as bigint) < 0n ? quotient - 1n : quotient) as N;
}
