import { compareKeys } from '../../../expressions/key.js';
import { type KeyDistance, shiftKey } from '../../../joins/matching/matching.js';
import type { CalledWindow } from './called-window.js';
import { OpenWindow } from './open-window.js';
import type { Windows } from './windows.js';

/** Windows of elements that follow each other, each at most `gap` after the one before. */
export function session(gap: KeyDistance, keepsRows: boolean): Windows {
  const open = new OpenWindow(keepsRows);

  function goesOn(last: any, key: any): boolean {
    return compareKeys(shiftKey(last, gap), key) >= 0;
  }

  function flush(): CalledWindow | undefined {
    return open.call(open.key, open.lastKey);
  }

  return {
    take(run) {
      const { keys, end, at } = run;
      let last = open.isEmpty ? keys[at] : open.lastKey;
      let i = at;
      for (; i < end; i++) {
        const key = keys[i];
        if (!goesOn(last, key)) break;
        last = key;
      }
      if (i > at) open.take(run, i);
      return i < end ? flush() : undefined;
    },
    close: (key) => (open.isEmpty || goesOn(open.lastKey, key) ? undefined : flush()),
    end: flush,
    timeout: () => undefined,
    oldest: () => open.oldest(),
  };
}
