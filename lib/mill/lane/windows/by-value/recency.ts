import type { ValueWindow } from './value-window.js';

/** So many places are used before those that are stale are looked for. */
const fewest = 1024;

/**
 * Open windows in the order of their last elements. A window that gets one more is noted again at the end, and its place
 * before that is stale: to note costs one place in an array, and stale places are removed when most of them are.
 */
export class Recency {
  private readonly windows: ValueWindow[] = [];
  private head = 0;
  private limit = fewest;

  /** It got the newest element. */
  touch(window: ValueWindow): void {
    const { windows } = this;
    if (windows.length === this.limit) this.compact();
    window.place = windows.length;
    windows.push(window);
  }

  remove(window: ValueWindow): void {
    window.place = -1;
  }

  /** The window whose last element is the oldest. */
  get oldest(): ValueWindow | undefined {
    const { windows } = this;
    while (this.head < windows.length && (windows[this.head] as ValueWindow).place !== this.head) this.head++;
    return windows[this.head];
  }

  private compact(): void {
    const { windows } = this;
    let count = 0;
    for (let i = this.head; i < windows.length; i++) {
      const window = windows[i] as ValueWindow;
      if (window.place !== i) continue;
      window.place = count;
      windows[count++] = window;
    }
    windows.length = count;
    this.head = 0;
    this.limit = Math.max(fewest, 4 * count);
  }
}
