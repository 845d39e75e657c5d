import type { LaneFold } from '../../lane-spec.js';
import type { Row } from '../../rows/row.js';
import { type CalledWindow, none } from '../called-window.js';
import type { Run } from '../run.js';
import type { OldestElement, WindowsGiven } from '../windows.js';

/** One folded window of one value, for windows that overlap: its accumulator, and its first and last element. */
export class ValueWindow {
  /** The number of elements. */
  size = 0;
  private last = -1;
  private accumulator: unknown = undefined;
  private lastOrderKey: any = Number.NEGATIVE_INFINITY;
  /** The borders, if they do not come from the elements, and the number of the window. */
  number: any = undefined;
  start: any = undefined;
  end: any = undefined;
  private firstKey: any = undefined;
  private first = -1;
  private firstOrderKey: any = Number.NEGATIVE_INFINITY;
  private firstRow: Row | undefined = undefined;
  /** The lowest position, and the highest one except the last. */
  private from = -1;
  private to = -1;

  oldest(): OldestElement {
    return { position: this.first, key: this.firstKey, orderKey: this.firstOrderKey, row: this.firstRow };
  }

  /** Adds an element of a run; `element` is that element, or a copy. If this fails, nothing has changed. */
  add(run: Run, at: number, element: object, given: WindowsGiven): void {
    const fold = given.fold as LaneFold;
    const position = run.positionAt(at);
    const row = run.rowAt(at);
    const before = this.size === 0 ? fold.initial(run.values[at], position) : this.accumulator;
    this.accumulator = fold.add(before, element, row, position);
    if (this.size === 0) this.begin(run, at, row);
    this.size++;
    this.last = position;
    if (row !== undefined || run.isOrderedByKey) this.noteLast(run.orderKeyAt(at), position);
  }

  private begin(run: Run, at: number, row: Row | undefined): void {
    this.firstKey = run.keys[at];
    this.first = run.positionAt(at);
    this.firstOrderKey = run.orderKeyAt(at);
    this.firstRow = row;
    this.from = this.first;
    this.to = this.first;
  }

  /** Records the last element. Positions need not be in order. */
  private noteLast(orderKey: any, position: number): void {
    this.lastOrderKey = orderKey;
    if (position > this.to) this.to = position;
    else if (position < this.from) this.from = position;
  }

  /** Fills the called window. Its last element identifies it. */
  fill(called: CalledWindow, start: any, end: any): CalledWindow {
    called.elements = none;
    called.folded = this.accumulator;
    called.fresh = this.size;
    called.from = this.from;
    called.to = Math.max(this.to, this.last);
    called.start = start;
    called.end = end;
    called.first = this.first;
    called.firstKey = this.firstKey;
    called.firstOrderKey = this.firstOrderKey;
    called.row = this.firstRow;
    called.idKey = this.lastOrderKey;
    called.idPosition = this.last;
    return called;
  }
}
