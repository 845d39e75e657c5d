import { compareKeys } from '../../../expressions/key.js';
import type { KeyDistance } from '../../../joins/distance.js';
import { shiftKey } from '../../../joins/matching/matching.js';
import type { Place } from '../../resume/place.js';
import type { CalledWindow, WindowSlot } from './called-window.js';
import { OpenWindow } from './open-window.js';
import type { Run } from './run.js';
import type { Windows } from './windows.js';

/** Windows of adjacent elements, each at most `gap` after the previous one. */
export function session(gap: KeyDistance, keepsRows: boolean, slot: WindowSlot, done: Place | undefined): Windows {
  const distance = Number(gap);
  const open = new OpenWindow(keepsRows, slot, done);

  function goesOn(last: any, key: any): boolean {
    return compareKeys(shiftKey(last, gap), key) >= 0;
  }

  /** Returns the index in a run up to which the session continues after its last key. */
  function endIn({ at, end, keys }: Run, last: any): number {
    let i = at;
    if (typeof last === 'number') {
      // The same for numbers, by far the most common keys, without a call for each.
      let reach = last + distance;
      while (i < end && keys[i] <= reach) reach = keys[i++] + distance;
      return i;
    }
    for (let before = last; i < end && goesOn(before, keys[i]); i++) before = keys[i];
    return i;
  }

  function flush(): CalledWindow | undefined {
    return open.call(open.key, open.lastKey);
  }

  return {
    take(run) {
      open.skipDone(run);
      const i = endIn(run, open.isEmpty ? run.keys[run.at] : open.lastKey);
      if (i > run.at) open.take(run, i);
      return i < run.end ? flush() : undefined;
    },
    close: (key) => (open.isEmpty || goesOn(open.lastKey, key) ? undefined : flush()),
    end: flush,
    timeout: () => undefined,
    held: () => open.size,
    uncalled: () => open.size,
    skipped: () => open.skipped,
    oldest: () => open.oldest(),
  };
}
