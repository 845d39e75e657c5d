import { compareKeys } from '../../../expressions/key.js';
import { type KeyDistance, shiftKey } from '../../../joins/matching/matching.js';
import { OpenWindow } from './open-window.js';
import type { Windows } from './windows.js';

/** Windows of elements that follow each other, each at most `gap` after the one before. */
export function session(gap: KeyDistance, keepsRows: boolean): Windows {
  const open = new OpenWindow(keepsRows);

  function goesOn(last: any, key: any): boolean {
    return compareKeys(shiftKey(last, gap), key) >= 0;
  }

  return {
    take(run) {
      const { keys, end } = run;
      let i = run.at;
      let last = keys[i];
      for (i++; i < end; i++) {
        const key = keys[i];
        if (!goesOn(last, key)) break;
        last = key;
      }
      open.take(run, i);
      return undefined;
    },
    close: (key) => (open.isEmpty || goesOn(open.lastKey, key) ? undefined : open.call(open.key, open.lastKey)),
    end: () => open.call(open.key, open.lastKey),
    timeout: () => undefined,
    oldest: () => open.oldest(),
  };
}
