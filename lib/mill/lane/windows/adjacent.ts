import { compareKeys } from '../../../expressions/key.js';
import { type KeyDistance, shiftKey } from '../../../joins/matching/matching.js';
import { sameWindowKey } from './same-window-key.js';
import { WindowContent } from './window-content.js';
import type { Windows } from './windows.js';

/**
 * One open window of elements that follow each other: with equal keys (an expression window, no gap), or each at most
 * `gap` after the one before (a session).
 */
export function adjacent(gap: KeyDistance | undefined, keepsRows: boolean): Windows {
  let open: WindowContent | undefined;

  function continues(last: any, key: any): boolean {
    return gap === undefined ? sameWindowKey(last, key) : compareKeys(shiftKey(last, gap), key) >= 0;
  }

  function flush({ key, lastKey }: WindowContent): WindowContent | undefined {
    const called = open?.called(key, lastKey);
    open = undefined;
    return called;
  }

  return {
    add(element, position, key, orderKey, row) {
      if (open === undefined) open = new WindowContent(element, position, key, orderKey, row, keepsRows);
      else open.add(element, position, key, row);
      return undefined;
    },
    close: (floor) =>
      open === undefined || floor === undefined || continues(open.lastKey, floor) ? undefined : flush(open),
    timeout: (key) =>
      open === undefined || gap !== undefined || sameWindowKey(open.key, key) ? undefined : flush(open),
    oldest: () => open,
    get size() {
      return open === undefined ? 0 : open.elements.length;
    },
  };
}
