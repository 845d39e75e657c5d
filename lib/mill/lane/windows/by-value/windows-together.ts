import type { CalledWindow } from '../called-window.js';
import type { Run } from '../run.js';
import { SeparateWindows } from './separate-windows.js';

/** Windows that close together: the open windows of all values have the same borders. */
export abstract class WindowsTogether extends SeparateWindows {
  /** The windows that are being called, in reverse order. */
  private closing: number[] = [];

  protected abstract readonly startKey: any;
  protected abstract readonly endKey: any;
  /** Returns whether no element with a key from this one on can be in the open windows. */
  protected abstract isOver(key: any): boolean;
  /** Opens the windows of this key, if none is open. Returns false if the key is in no window. */
  protected abstract begin(key: any): boolean;

  take(run: Run): CalledWindow | undefined {
    const { keys, end } = run;
    for (let { at } = run; at < end; at++) {
      run.at = at;
      if (this.windows.count === 0) {
        if (!this.begin(keys[at])) continue;
      } else if (this.closing.length > 0 || this.isOver(keys[at])) {
        return this.callNext();
      }
      this.takeOne(run, at);
    }
    run.at = end;
    return undefined;
  }

  protected takeOne(run: Run, at: number): void {
    this.add(run, at);
  }

  close(key: any): CalledWindow | undefined {
    return this.windows.count > 0 && (this.closing.length > 0 || this.isOver(key)) ? this.callNext() : undefined;
  }

  end(): CalledWindow | undefined {
    return this.windows.count === 0 ? undefined : this.callNext();
  }

  protected callNext(): CalledWindow {
    const { windows } = this;
    if (this.closing.length === 0) {
      // Values without an element in this window are not kept for the next one.
      windows.forget();
      this.closing = windows.inOrder().reverse();
    }
    return this.call(this.closing.pop() as number, this.startKey, this.endKey);
  }
}
