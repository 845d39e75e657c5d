import type { ValueWindow } from './value-window.js';

/** So many places are used before those that are stale are looked for. */
const fewest = 1024;

/**
 * Open windows in the order of their last elements, with the keys of these. A window that gets one more is noted again at the
 * end, and its place before that is stale: to note costs one place in arrays, and stale places are removed when most of them are.
 */
export class Recency {
  /** Used from `head` to before `end`; what follows is left there, since arrays that are cut have to grow again. */
  private readonly windows: ValueWindow[] = [];
  private readonly keys: any[] = [];
  private head = 0;
  private end = 0;
  private limit = fewest;

  /** It got the newest element, with this key. */
  touch(window: ValueWindow, key: any): void {
    if (this.end === this.limit) this.compact();
    const { end } = this;
    window.place = end;
    this.windows[end] = window;
    this.keys[end] = key;
    this.end = end + 1;
  }

  /** The window whose last element is the oldest. */
  get oldest(): ValueWindow | undefined {
    const { windows, end } = this;
    let { head } = this;
    while (head < end && (windows[head] as ValueWindow).place !== head) head++;
    this.head = head;
    return head < end ? windows[head] : undefined;
  }

  /** The key of its last element. */
  lastKeyOf(window: ValueWindow): any {
    return this.keys[window.place];
  }

  private compact(): void {
    const { windows, keys } = this;
    let count = 0;
    for (let i = this.head; i < this.end; i++) {
      const window = windows[i] as ValueWindow;
      if (window.place !== i) continue;
      window.place = count;
      windows[count] = window;
      keys[count++] = keys[i];
    }
    this.head = 0;
    this.end = count;
    this.limit = Math.max(fewest, 4 * count);
    if (windows.length <= 4 * this.limit) return;
    windows.length = this.limit;
    keys.length = this.limit;
  }
}
