import type { KeyDistance } from '../../../joins/distance.js';
import { shiftKey } from '../../../joins/matching/matching.js';
import type { WindowSlot } from './called-window.js';
import { WindowBuffer } from './window-buffer.js';
import type { Windows } from './windows.js';

/** One window per element: the elements from `key - size` up to the element itself, both ends included. */
export function sliding(size: KeyDistance, keepsRows: boolean, slot: WindowSlot): Windows {
  const held = new WindowBuffer(keepsRows, slot);
  const back = -size;

  return {
    take(run) {
      const { at } = run;
      const key = run.keys[at];
      const start = shiftKey(key, back);
      held.dropBelow(start);
      held.take(run);
      return held.call(start, key, run.orderKeyAt(at), run.positionAt(at));
    },
    close(key) {
      held.dropBelow(shiftKey(key, back));
      return undefined;
    },
    end: () => undefined,
    timeout: () => undefined,
    held: () => held.size,
    uncalled: () => held.uncalled,
    oldest: () => held.oldest(),
  };
}
