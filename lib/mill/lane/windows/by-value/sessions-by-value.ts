import type { CalledWindow } from '../called-window.js';
import type { Run } from '../run.js';
import type { WindowsGiven } from '../windows.js';
import { Recency } from './recency.js';
import { SeparateWindows } from './separate-windows.js';

/** The minimum number of values without an open window that are kept. */
const fewest = 1024;

/** Windows of elements of one value, each at most `gap` after the previous one. */
export class SessionsByValue extends SeparateWindows {
  private readonly byLast = new Recency();
  /** The key of the last element of each window. */
  private readonly lastKeys: any[] = [];
  /** Up to this key no window is over. It comes from a window that was the oldest; the current oldest may be newer. */
  private safe: any = undefined;

  constructor(
    given: WindowsGiven,
    private readonly gap: any,
  ) {
    super(given);
  }

  take(run: Run): CalledWindow | undefined {
    const { byLast, lastKeys } = this;
    const { keys, end } = run;
    for (let { at } = run; at < end; at++) {
      const key = keys[at];
      run.at = at;
      if (this.safe === undefined || key > this.safe) {
        const over = this.overAt(key);
        if (over !== undefined) return this.callOne(over);
      }
      const window = this.add(run, at);
      lastKeys[window] = key;
      byLast.note(window);
    }
    run.at = end;
    return undefined;
  }

  private overAt(key: any): number | undefined {
    const { oldest } = this.byLast;
    // The next element becomes the oldest, and its window is not over earlier.
    this.safe = (oldest === undefined ? key : this.lastKeys[oldest]) + this.gap;
    return oldest !== undefined && key > this.safe ? oldest : undefined;
  }

  private callOne(window: number): CalledWindow {
    const { windows } = this;
    this.byLast.leave(window);
    const called = this.call(window, windows.firstKeyOf(window), this.lastKeys[window]);
    // Drops values without an open window when they are the majority.
    if (windows.size > 2 * windows.count + fewest) windows.forget();
    return called;
  }

  close(key: any): CalledWindow | undefined {
    const { oldest } = this.byLast;
    return oldest !== undefined && key > this.lastKeys[oldest] + this.gap ? this.callOne(oldest) : undefined;
  }

  end(): CalledWindow | undefined {
    const { oldest } = this.byLast;
    return oldest === undefined ? undefined : this.callOne(oldest);
  }
}
