/** The minimum number of slots in use before stale ones are removed. */
const fewest = 1024;

/**
 * Windows, by number, in the order of their last use. A window that is used again moves to the end, and its previous
 * slot becomes stale: this costs one slot in an array, and stale slots are removed when they are the majority.
 */
export class Recency {
  /**
   * In use from index `head` to before `end`. Later slots stay in place, since shortened arrays would have to grow
   * again.
   */
  private readonly windows: number[] = [];
  /** The slot of each window. */
  private readonly places: number[] = [];
  private head = 0;
  private end = 0;
  private limit = fewest;

  /** Makes the window the newest. */
  note(window: number): void {
    if (this.end === this.limit) this.compact();
    const { end } = this;
    this.places[window] = end;
    this.windows[end] = window;
    this.end = end + 1;
  }

  /** Removes the window. */
  leave(window: number): void {
    this.places[window] = -1;
  }

  /** The least recently used window; undefined if there is none. */
  get oldest(): number | undefined {
    const { windows, places, end } = this;
    let { head } = this;
    while (head < end && places[windows[head] as number] !== head) head++;
    this.head = head;
    return head < end ? windows[head] : undefined;
  }

  private compact(): void {
    const { windows, places } = this;
    let count = 0;
    for (let i = this.head; i < this.end; i++) {
      const window = windows[i] as number;
      if (places[window] !== i) continue;
      places[window] = count;
      windows[count++] = window;
    }
    this.head = 0;
    this.end = count;
    this.limit = Math.max(fewest, 4 * count);
    if (windows.length > 4 * this.limit) windows.length = this.limit;
  }
}
