import type { Row } from '../../tree/row.js';
import { type CalledWindow, none } from '../called-window.js';
import type { Run } from '../run.js';
import type { OldestElement, WindowsGiven } from '../windows.js';
import { Link } from './chain.js';

/** One open window of one value: its elements or what they were folded into, and its first and last element. */
export class ValueWindow {
  // What changes with each element stands together, and first.
  size = 0;
  private last = -1;
  /** Where it stands among the others by its last element. */
  place = -1;
  /** Numbers from the start: keys that are fractions are then stored in place. */
  lastKey: any = Number.NaN;
  private folded: unknown = undefined;
  private elements: object[] | undefined = undefined;
  private rows: Row[] | undefined = undefined;
  private lastOrderKey: any = Number.NEGATIVE_INFINITY;
  readonly byFirst = new Link<ValueWindow>(this);
  /** Where it has borders that do not come from its elements; and which of such windows it is. */
  number: any = undefined;
  start: any = undefined;
  end: any = undefined;
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

  /** Takes an element of a run; `element` is that element, or another like it. */
  add(run: Run, at: number, element: object, { keepsRows, fold }: WindowsGiven): void {
    const row = run.rowAt(at);
    if (this.size === 0) this.begin(run, at, row);
    if (fold !== undefined) {
      const position = run.positionAt(at);
      const before = this.size === 0 ? fold.initial(run.values[at], position) : this.folded;
      this.folded = fold.add(before, element, row, position);
    } else if (this.elements === undefined) {
      this.elements = [element];
      if (keepsRows) this.rows = [row as Row];
    } else {
      this.elements.push(element);
      if (this.rows !== undefined) this.rows.push(row as Row);
    }
    this.size++;
    this.lastKey = run.keys[at];
    if (row === undefined && !run.isOrderedByKey) this.last = run.positionAt(at);
    else this.noteLast(run, at);
  }

  private begin(run: Run, at: number, row: Row | undefined): void {
    this.firstKey = run.keys[at];
    this.first = run.positionAt(at);
    this.firstOrderKey = run.orderKeyAt(at);
    this.firstRow = row;
    this.from = this.first;
    this.to = this.first;
  }

  /** Positions need not be in order. */
  private noteLast(run: Run, at: number): void {
    const position = run.positionAt(at);
    this.last = position;
    this.lastOrderKey = run.orderKeyAt(at);
    if (position > this.to) this.to = position;
    else if (position < this.from) this.from = position;
  }

  /** It is called: nothing in it is used any more. Its last element tells it from those before and after it. */
  fill(called: CalledWindow, start: any, end: any): CalledWindow {
    called.elements = this.elements ?? none;
    if (this.rows !== undefined) called.rows = this.rows;
    called.folded = this.folded;
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
    // Places that are stale may know it for long.
    this.elements = undefined;
    this.rows = undefined;
    this.folded = undefined;
    this.firstRow = undefined;
    return called;
  }
}
