import { compareKeys } from '../../../expressions/key.js';
import { orderKeyOf, type Row } from '../rows/row.js';
import type { CalledWindow, WindowSlot } from './called-window.js';
import type { ClosedWindows } from './closed-windows.js';
import type { Run } from './run.js';
import type { OldestElement } from './windows.js';

/**
 * The elements of overlapping windows, in order, each once. A call gets all of them.
 *
 * They are at indexes from `start` to before `end` in arrays that only grow: when these are full and three quarters of
 * the slots are free, the elements move to the front. Shortened arrays would have to grow again, and leave garbage.
 */
export class WindowBuffer {
  private readonly elements: (object | undefined)[] = [];
  private readonly keys: any[] = [];
  private readonly positions: number[] = [];
  /** If the lane has rows. */
  private readonly rows: (Row | undefined)[] = [];
  private start = 0;
  private end = 0;
  /** Elements before this index were in a called window. */
  private calledTo = 0;
  /** Under slack, positions need not be in order. */
  private isReordered = false;
  private isOrderedByKey = false;

  constructor(
    private readonly keepsRows: boolean,
    private readonly slot: WindowSlot,
    private readonly closed?: ClosedWindows,
  ) {}

  get uncalled(): number {
    return this.end - Math.max(this.start, this.calledTo);
  }

  get size(): number {
    return this.end - this.start;
  }

  /** The oldest element, if there is one. */
  get first(): object | undefined {
    return this.size === 0 ? undefined : this.elements[this.start];
  }

  get firstKey(): any {
    return this.keys[this.start];
  }

  oldest(): OldestElement | undefined {
    return this.elementAt(this.start);
  }

  newest(): OldestElement | undefined {
    return this.elementAt(this.end - 1);
  }

  private elementAt(index: number): OldestElement | undefined {
    if (this.size === 0) return undefined;
    return {
      position: this.positions[index] as number,
      key: this.keys[index],
      orderKey: this.orderKeyAt(index),
      row: this.rowAt(index),
    };
  }

  private orderKeyAt(index: number): any {
    return this.isOrderedByKey ? this.keys[index] : orderKeyOf(this.rowAt(index));
  }

  private rowAt(index: number): Row | undefined {
    return this.rows.length === 0 ? undefined : this.rows[index];
  }

  /** Takes the next element of a run. */
  take(run: Run): void {
    this.push(run, run.at, run.elementAt(run.at));
    run.at++;
  }

  /** Takes an element of a run, or a substitute for it. */
  push(run: Run, at: number, element: object): void {
    if (this.end === this.elements.length && this.start * 4 >= this.end * 3) this.moveToFront();
    const { positions, end } = this;
    const position = run.positionAt(at);
    if (end > this.start && position < (positions[end - 1] as number)) this.isReordered = true;
    this.isOrderedByKey = run.isOrderedByKey;
    positions[end] = position;
    this.elements[end] = element;
    this.keys[end] = run.keys[at];
    const row = run.rowAt(at);
    if (row !== undefined) this.rows[end] = row;
    this.end = end + 1;
  }

  private moveToFront(): void {
    const { start: first, size, elements, keys, positions, rows } = this;
    for (let i = 0; i < size; i++) {
      elements[i] = elements[first + i];
      elements[first + i] = undefined;
      keys[i] = keys[first + i];
      positions[i] = positions[first + i] as number;
    }
    if (rows.length > 0) {
      for (let i = 0; i < size; i++) {
        rows[i] = rows[first + i];
        rows[first + i] = undefined;
      }
    }
    this.calledTo = Math.max(0, this.calledTo - first);
    this.start = 0;
    this.end = size;
  }

  /** Drops the elements with a key below this one. */
  dropBelow(key: any): void {
    const { keys, end } = this;
    let { start: first } = this;
    while (first < end && compareKeys(keys[first], key) < 0) first++;
    this.dropTo(first);
  }

  /** Drops the first `count` elements, or all. */
  drop(count: number): void {
    this.dropTo(Math.min(this.start + count, this.end));
  }

  private dropTo(first: number): void {
    const { elements, rows } = this;
    for (let i = this.start; i < first; i++) elements[i] = undefined;
    if (rows.length > 0) for (let i = this.start; i < first; i++) rows[i] = undefined;
    this.start = first;
  }

  /** Calls a window of all elements, with these borders and this identity. */
  call(start: any, end: any, idKey: any, idPosition: number): CalledWindow {
    const { start: first, positions } = this;
    const { called } = this.slot;
    called.elements = this.elements.slice(first, this.end) as object[];
    if (this.keepsRows) called.rows = this.rows.slice(first, this.end) as Row[];
    called.fresh = this.uncalled;
    this.calledTo = this.end;
    called.from = positions[first] as number;
    called.first = called.from;
    called.firstKey = this.keys[first];
    called.firstOrderKey = this.orderKeyAt(first);
    called.to = positions[this.end - 1] as number;
    if (this.isReordered) this.findPositions(called);
    called.start = start;
    called.end = end;
    called.idKey = idKey;
    called.idPosition = idPosition;
    called.row = this.rowAt(first);
    if (this.closed?.has(idKey, idPosition)) this.takeBack(called, this.closed);
    return called;
  }

  /** Counts the elements after the end that had closed a window as uncalled again, if they were. */
  private takeBack(called: CalledWindow, closed: ClosedWindows): void {
    while (
      called.fresh > 0 &&
      closed.isAfter(this.orderKeyAt(this.calledTo - 1), this.positions[this.calledTo - 1] as number)
    ) {
      called.fresh--;
      this.calledTo--;
    }
  }

  private findPositions(called: CalledWindow): void {
    const { positions } = this;
    for (let i = this.start; i < this.end; i++) {
      const position = positions[i] as number;
      if (position < called.from) called.from = position;
      if (position > called.to) called.to = position;
    }
  }
}
