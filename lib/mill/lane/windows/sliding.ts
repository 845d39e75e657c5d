import { compareKeys } from '../../../expressions/key.js';
import { type KeyDistance, shiftKey } from '../../../joins/matching/matching.js';
import type { Row } from '../row.js';
import { WindowContent } from './window-content.js';
import type { OldestElement, Windows } from './windows.js';

/** Each element's window: the elements from `key - size` up to the element itself, both ends included. */
export function sliding(size: KeyDistance, keepsRows: boolean): Windows {
  let members: (Member | undefined)[] = [];
  let start = 0;

  function dropBelow(low: any): void {
    while (start < members.length && compareKeys((members[start] as Member).key, low) < 0) {
      members[start] = undefined;
      start++;
    }
    if (start > 1024 && start * 2 > members.length) {
      members = members.slice(start);
      start = 0;
    }
  }

  return {
    add(element, position, key, orderKey, row) {
      const low = shiftKey(key, -size);
      dropBelow(low);
      members.push({ element, position, key, row });
      const { element: first, position: from, row: firstRow } = members[start] as Member;
      const window = new WindowContent(first, from, low, orderKey, firstRow, keepsRows);
      for (let i = start + 1; i < members.length; i++) {
        const member = members[i] as Member;
        window.add(member.element, member.position, member.key, member.row);
      }
      window.idPosition = position;
      return window.called(low, key);
    },
    close(floor) {
      if (floor !== undefined) dropBelow(shiftKey(floor, -size));
      return undefined;
    },
    timeout: () => undefined,
    oldest: () => members[start],
    get size() {
      return members.length - start;
    },
  };
}

interface Member extends OldestElement {
  readonly element: object;
  readonly row: Row | undefined;
}
