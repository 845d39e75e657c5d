import type { CalledWindow } from '../called-window.js';
import type { Run } from '../run.js';
import type { OldestElement, Windows, WindowsGiven } from '../windows.js';
import { Recency } from './recency.js';
import { ValueWindows } from './value-windows.js';

/** Windows of which each value has one open at a time. They close in the order of their last elements. */
export abstract class SeparateWindows implements Windows {
  /** Those that are open, and some that were called: most values come again, and use them again. */
  protected readonly windows: ValueWindows;
  /** Those that are open, in the order of their first elements. */
  private readonly byFirst = new Recency();

  constructor(protected readonly given: WindowsGiven) {
    this.windows = new ValueWindows(given);
  }

  abstract take(run: Run): CalledWindow | undefined;
  abstract close(key: any): CalledWindow | undefined;
  abstract end(): CalledWindow | undefined;

  /** The window of a value takes an element. Where it fails, nothing has changed. */
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
