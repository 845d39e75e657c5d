import { compareKeys } from '../../../expressions/key.js';
import type { Place } from '../../resume/place.js';
import type { CalledWindow, WindowSlot } from './called-window.js';
import { OpenWindow } from './open-window.js';
import type { Windows } from './windows.js';

/** Windows of adjacent elements with equal keys. */
export function expression(keepsRows: boolean, slot: WindowSlot, done: Place | undefined): Windows {
  const open = new OpenWindow(keepsRows, slot, done);

  function flush(): CalledWindow | undefined {
    return open.call(open.key, open.key);
  }

  function closeUnless(key: unknown): CalledWindow | undefined {
    return open.isEmpty || compareKeys(open.key, key) === 0 ? undefined : flush();
  }

  return {
    take(run) {
      open.skipDone(run);
      const { keys, end, at } = run;
      const key = open.isEmpty ? keys[at] : open.key;
      let i = at;
      while (i < end && (keys[i] === key || compareKeys(keys[i], key) === 0)) i++;
      if (i > at) open.take(run, i);
      return i < end ? flush() : undefined;
    },
    close: closeUnless,
    end: flush,
    timeout: (key) => (key === undefined ? undefined : closeUnless(key)),
    held: () => open.size,
    uncalled: () => open.size,
    skipped: () => open.skipped,
    oldest: () => open.oldest(),
  };
}
