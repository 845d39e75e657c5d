import type { CalledWindow } from '../called-window.js';
import type { Run } from '../run.js';
import type { OldestElement, Windows, WindowsGiven } from '../windows.js';
import { Recency } from './recency.js';
import { ValueWindows } from './value-windows.js';

/** Windows of which each value has at most one open. They close in the order of their last elements. */
export abstract class SeparateWindows implements Windows {
  /** The open windows, and some called ones: most values recur, and reuse them. */
  protected readonly windows: ValueWindows;
  /** The open windows, in the order of their first elements. */
  private readonly byFirst = new Recency();

  constructor(protected readonly given: WindowsGiven) {
    this.windows = new ValueWindows(given);
  }

  abstract take(run: Run): CalledWindow | undefined;
  abstract close(key: any): CalledWindow | undefined;
  abstract end(): CalledWindow | undefined;

  /** Adds an element to the window of its value. If this fails, nothing has changed. */
  protected add(run: Run, at: number): number {
    const { windows } = this;
    const before = windows.count;
    const window = windows.add(run, at);
    if (windows.count > before) this.byFirst.note(window);
    return window;
  }

  protected call(window: number, start: any, end: any): CalledWindow {
    this.byFirst.leave(window);
    return this.windows.call(window, start, end);
  }

  timeout(_key: unknown): CalledWindow | undefined {
    return undefined;
  }

  held(): number {
    return this.given.fold === undefined ? this.windows.waiting : this.windows.count;
  }

  uncalled(): number {
    return this.windows.waiting;
  }

  oldest(): OldestElement | undefined {
    const { oldest } = this.byFirst;
    return oldest === undefined ? undefined : this.windows.oldestOf(oldest);
  }
}
