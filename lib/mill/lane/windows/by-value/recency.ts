/** At least this many places are used before stale ones are looked for. */
const fewest = 1024;

/**
 * Windows, by their numbers, in the order in which they were noted last. One that is noted again moves to the end, and its place
 * before that is stale: to note costs one place in an array, and stale places are removed when most of them are.
 */
export class Recency {
  /** Used from `head` to before `end`; what follows is left there, since arrays that are cut have to grow again. */
  private readonly windows: number[] = [];
  /** The place of each window. */
  private readonly places: number[] = [];
  private head = 0;
  private end = 0;
  private limit = fewest;

  /** The window is now the newest. */
  note(window: number): void {
    if (this.end === this.limit) this.compact();
    const { end } = this;
    this.places[window] = end;
    this.windows[end] = window;
    this.end = end + 1;
  }

  /** The window is not to be found any longer. */
  leave(window: number): void {
    this.places[window] = -1;
  }

  /** The window that was noted before all others; undefined where there is none. */
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
