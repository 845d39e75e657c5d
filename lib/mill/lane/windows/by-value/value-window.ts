import type { Row } from '../../tree/row.js';
import { type CalledWindow, none } from '../called-window.js';
import type { Run } from '../run.js';
import type { OldestElement, WindowsGiven } from '../windows.js';
import { Link } from './chain.js';

/**
 * One window of one value: its elements or what they were folded into, and its first and last element. Called, it is empty, and
 * may be used for the next window of the value.
 */
export class ValueWindow {
  // What changes with each element is together, and first: in one line of the processor's cache.
  /** How many elements it has; 0: it is not open. */
  size = 0;
  private last = -1;
  /** Where it is among the others by its last element. */
  place = -1;
  /** The elements, or what they were folded into. */
  private content: any = undefined;
  private rows: Row[] | undefined = undefined;
  private lastOrderKey: any = Number.NEGATIVE_INFINITY;
  readonly byFirst = new Link<ValueWindow>(this);
  /** Where it has borders that do not come from its elements; and which of such windows it is. */
  number: any = undefined;
  start: any = undefined;
  end: any = undefined;
  /** A number from the start: keys that are fractions are then stored in place. */
  firstKey: any = Number.NaN;
  private first = -1;
  private firstOrderKey: any = Number.NEGATIVE_INFINITY;
  private firstRow: Row | undefined = undefined;
  /** The lowest position, and the highest but for the last. */
  private from = -1;
  private to = -1;

  constructor(
    readonly id: unknown,
    readonly value: any,
  ) {}

  oldest(): OldestElement {
    return { position: this.first, key: this.firstKey, orderKey: this.firstOrderKey, row: this.firstRow };
  }

  /** Takes an element of a run; `element` is that element, or another like it. Where it fails, nothing has changed. */
  add(run: Run, at: number, element: object, { keepsRows, fold }: WindowsGiven): void {
    const position = run.positionAt(at);
    const row = run.rowAt(at);
    if (fold !== undefined) {
      const before = this.size === 0 ? fold.initial(run.values[at], position) : this.content;
      this.content = fold.add(before, element, row, position);
    } else if (this.size === 0) {
      this.content = [element];
    } else {
      this.content.push(element);
    }
    if (this.size === 0) this.begin(run, at, row, keepsRows && fold === undefined);
    else if (this.rows !== undefined) this.rows.push(row as Row);
    this.size++;
    this.last = position;
    if (row !== undefined || run.isOrderedByKey) this.noteLast(run.orderKeyAt(at), position);
  }

  private begin(run: Run, at: number, row: Row | undefined, keepsRows: boolean): void {
    this.firstKey = run.keys[at];
    this.first = run.positionAt(at);
    this.firstOrderKey = run.orderKeyAt(at);
    this.firstRow = row;
    if (keepsRows) this.rows = [row as Row];
    this.from = this.first;
    this.to = this.first;
  }

  /** Positions need not be in order. */
  private noteLast(orderKey: any, position: number): void {
    this.lastOrderKey = orderKey;
    if (position > this.to) this.to = position;
    else if (position < this.from) this.from = position;
  }

  /** It is called: nothing in it is used any more. Its last element tells it from those before and after it. */
  fill(called: CalledWindow, isFolded: boolean, start: any, end: any): CalledWindow {
    called.elements = isFolded ? none : this.content;
    if (this.rows !== undefined) called.rows = this.rows;
    called.folded = isFolded ? this.content : undefined;
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
    this.size = 0;
    this.place = -1;
    // It is known for long: until its value comes again, or is forgotten.
    this.content = undefined;
    this.rows = undefined;
    this.firstRow = undefined;
    return called;
  }
}
