import { compareKeys } from '../../expressions/key.js';
import type { WindowCalls } from './answer.js';
import { CallSeries } from './call-series.js';
import type { FirstElement } from './input/runs.js';
import { mostCalls } from './several-calls.js';
import { type CalledWindow, makeCalledWindow, none, type WindowSlot } from './windows/called-window.js';
import { isBefore } from './windows/windows.js';

/** The number of elements in a batch. */
const mostElements = 1024;

/** Calls for consecutive windows. */
export class WindowSeries extends CallSeries implements WindowCalls, WindowSlot {
  readonly windows: readonly CalledWindow[] = Array.from({ length: mostCalls }, makeCalledWindow);
  /** All windows that were called before a restart have been passed: those added from now on are new. */
  private isPast: boolean;

  constructor(
    doneKey: any,
    donePosition: number,
    /** The marks of the windows record which calls were made before a restart. */
    private readonly hasMarks: boolean,
    /** An open window may be older than one that was called. */
    private readonly isByValue: boolean,
  ) {
    super(doneKey, donePosition, mostElements);
    this.isPast = hasMarks;
  }

  get lastDone(): readonly [key: any, position: number] {
    const window = this.windows[this.done - 1];
    if (window === undefined || this.hasMarks) return [this.doneKey, this.donePosition];
    return [window.idKey, window.idPosition];
  }

  oldest(open: FirstElement | undefined): FirstElement {
    let oldest = firstOf(this.windows[this.done] as CalledWindow);
    if (!this.isByValue) return oldest;
    for (let i = this.done + 1; i < this.count; i++) {
      const first = firstOf(this.windows[i] as CalledWindow);
      if (isBefore(first, oldest)) oldest = first;
    }
    return open !== undefined && isBefore(open, oldest) ? open : oldest;
  }

  /** The place to fill with the next window. */
  get called(): CalledWindow {
    return this.windows[this.count] as CalledWindow;
  }

  /** Adds the window in `called`, unless it was called before a restart. */
  addCalled(): void {
    const { called } = this;
    if (!this.isPast && this.wasCalled(called)) {
      forget(called);
      return;
    }
    this.isPast = true;
    const { elements } = called;
    called.size = elements.length;
    this.held += elements.length;
    this.count++;
  }

  /** Returns whether a window was called before a restart. */
  private wasCalled({ idKey, idPosition }: CalledWindow): boolean {
    const order = compareKeys(idKey, this.doneKey);
    return order < 0 || (order === 0 && idPosition <= this.donePosition);
  }

  protected drop(): void {
    for (let i = 0; i < this.count; i++) forget(this.windows[i] as CalledWindow);
  }
}

function forget(window: CalledWindow): void {
  window.elements = none;
  window.folded = undefined;
}

function firstOf({ first, firstOrderKey, firstKey }: CalledWindow): FirstElement {
  return { position: first, orderKey: firstOrderKey, key: firstKey };
}
