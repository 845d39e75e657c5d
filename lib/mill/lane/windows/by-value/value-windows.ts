import { compareKeys } from '../../../../expressions/key.js';
import { identityOf } from '../../../../expressions/key-identity.js';
import type { Row } from '../../rows/row.js';
import { type CalledWindow, none } from '../called-window.js';
import type { Run } from '../run.js';
import type { OldestElement, WindowsGiven } from '../windows.js';
import { KnownValues } from './known-values.js';

/**
 * The windows of values, one per value, in columns: a window is an index into all columns. With many values each
 * element accesses another window: the columns that change are a few short arrays, which stay in the processor's cache,
 * unlike as many objects.
 *
 * A called window is empty, and stays known by its value until it is used again or dropped.
 */
export class ValueWindows {
  /** The number of open windows. */
  count = 0;
  /** The number of elements in open windows. */
  waiting = 0;
  private readonly known = new KnownValues();
  /** The number of elements of a window; 0 if it is not open. */
  private readonly sizes: number[] = [];
  /** The position of its last element. */
  private readonly lasts: number[] = [];
  /** The elements, or the accumulator. */
  private readonly contents: any[] = [];
  private readonly rows: (Row[] | undefined)[] = [];
  private readonly values: any[] = [];
  private readonly firsts: number[] = [];
  private readonly firstKeys: any[] = [];
  private readonly firstOrderKeys: any[] = [];
  private readonly firstRows: (Row | undefined)[] = [];
  private readonly lastOrderKeys: any[] = [];
  /** The lowest position, and the highest one except the last. */
  private readonly froms: number[] = [];
  private readonly tos: number[] = [];

  constructor(private readonly given: WindowsGiven) {}

  /** The number of open or known windows. */
  get size(): number {
    return this.known.size;
  }

  /** Adds an element of a run to the window of its value. Returns the window. If this fails, nothing has changed. */
  add(run: Run, at: number): number {
    const { sizes, contents } = this;
    const value = run.values[at];
    const window = this.known.find(identityOf(value));
    if (window < 0) return this.addToNew(run, at, value);
    const size = sizes[window] as number;
    if (size === 0) return this.open(window, run, at, value);
    const { fold } = this.given;
    const element = run.elementAt(at);
    const position = run.positionAt(at);
    const row = run.rowAt(at);
    if (fold === undefined) {
      contents[window].push(element);
      if (row !== undefined) this.rows[window]?.push(row);
    } else {
      const before = contents[window];
      const after = fold.add(before, element, row, position);
      // Usually it is the same object, modified.
      if (after !== before) contents[window] = after;
    }
    sizes[window] = size + 1;
    this.waiting++;
    this.lasts[window] = position;
    if (row !== undefined || run.isOrderedByKey) this.noteLast(window, run.orderKeyAt(at), position);
    return window;
  }

  private addToNew(run: Run, at: number, value: any): number {
    const { known } = this;
    const window = this.open(known.next, run, at, value);
    known.add(identityOf(value));
    return window;
  }

  /** Opens a window with its first element. */
  private open(window: number, run: Run, at: number, value: any): number {
    const { keepsRows, fold } = this.given;
    const element = run.elementAt(at);
    const position = run.positionAt(at);
    const row = run.rowAt(at);
    const orderKey = run.orderKeyAt(at);
    this.contents[window] =
      fold === undefined ? [element] : fold.add(fold.initial(value, position), element, row, position);
    this.rows[window] = keepsRows && fold === undefined ? [row as Row] : undefined;
    this.values[window] = value;
    this.sizes[window] = 1;
    this.firsts[window] = position;
    this.firstKeys[window] = run.keys[at];
    this.firstOrderKeys[window] = orderKey;
    this.firstRows[window] = row;
    this.lasts[window] = position;
    this.lastOrderKeys[window] = orderKey;
    this.froms[window] = position;
    this.tos[window] = position;
    this.count++;
    this.waiting++;
    return window;
  }

  /** Records the last element. Positions need not be in order. */
  private noteLast(window: number, orderKey: any, position: number): void {
    this.lastOrderKeys[window] = orderKey;
    if (position > (this.tos[window] as number)) this.tos[window] = position;
    else if (position < (this.froms[window] as number)) this.froms[window] = position;
  }

  private isOpen(window: number): boolean {
    return (this.sizes[window] as number) > 0;
  }

  valueOf(window: number): any {
    return this.values[window];
  }

  firstKeyOf(window: number): any {
    return this.firstKeys[window];
  }

  oldestOf(window: number): OldestElement {
    return {
      position: this.firsts[window] as number,
      key: this.firstKeys[window],
      orderKey: this.firstOrderKeys[window],
      row: this.firstRows[window],
    };
  }

  /** Returns the open windows, in the order in which their values became known. */
  all(): number[] {
    return [...this.known.all()].filter((window) => this.isOpen(window));
  }

  /** Returns the open windows, in the order of their last elements. */
  inOrder(): number[] {
    const { lastOrderKeys, lasts } = this;
    return this.all().sort(
      (a, b) => compareKeys(lastOrderKeys[a], lastOrderKeys[b]) || (lasts[a] as number) - (lasts[b] as number),
    );
  }

  /** Drops the values without an open window. */
  forget(): void {
    this.known.forget((window) => {
      if (this.isOpen(window)) return false;
      this.values[window] = undefined;
      return true;
    });
  }

  /** Calls a window, which is empty afterwards. Its last element identifies it. */
  call(window: number, start: any, end: any): CalledWindow {
    const { fold, slot } = this.given;
    const { called } = slot;
    const size = this.sizes[window] as number;
    const last = this.lasts[window] as number;
    const rows = this.rows[window];
    called.elements = fold === undefined ? this.contents[window] : none;
    called.folded = fold === undefined ? undefined : this.contents[window];
    if (rows !== undefined) called.rows = rows;
    called.fresh = size;
    called.from = this.froms[window] as number;
    called.to = Math.max(this.tos[window] as number, last);
    called.start = start;
    called.end = end;
    called.first = this.firsts[window] as number;
    called.firstKey = this.firstKeys[window];
    called.firstOrderKey = this.firstOrderKeys[window];
    called.row = this.firstRows[window];
    called.idKey = this.lastOrderKeys[window];
    called.idPosition = last;
    this.count--;
    this.waiting -= size;
    this.sizes[window] = 0;
    this.contents[window] = undefined;
    this.rows[window] = undefined;
    this.firstRows[window] = undefined;
    return called;
  }
}
