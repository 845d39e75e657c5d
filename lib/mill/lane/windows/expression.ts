import { OpenWindow } from './open-window.js';
import { sameWindowKey } from './same-window-key.js';
import type { Windows } from './windows.js';

/** Windows of elements that follow each other with equal keys. */
export function expression(keepsRows: boolean): Windows {
  const open = new OpenWindow(keepsRows);

  function closeUnless(key: unknown) {
    return open.isEmpty || sameWindowKey(open.key, key) ? undefined : open.call(open.key, open.key);
  }

  return {
    take(run) {
      const { keys, end, at } = run;
      const key = keys[at];
      let i = at + 1;
      while (i < end && (keys[i] === key || sameWindowKey(keys[i], key))) i++;
      open.take(run, i);
      return undefined;
    },
    close: closeUnless,
    end: () => open.call(open.key, open.key),
    timeout: closeUnless,
    oldest: () => open.oldest(),
  };
}
