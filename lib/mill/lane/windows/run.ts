import { orderKeyOf, type Row } from '../rows/row.js';

const noElements: readonly object[] = [];
const noRows: readonly Row[] = [];

/** Consecutive surviving master elements, with a cursor. Indexes count from the first element of the run. */
export class Run {
  elements: readonly object[] = noElements;
  /** The index of the first element in the array. */
  start = 0;
  /** Their window keys, if the window has a key. */
  keys: any[] = [];
  /** The values by which the window is split, if any. */
  readonly values: any[] = [];
  /** Their rows, if the lane has rows. */
  private rows: readonly Row[] = noRows;
  /** The index of the next element. */
  at = 0;
  /** The index of the end of the run. */
  end = 0;
  /** The position of the array's first element. */
  private first = 0;
  private positions: readonly number[] | undefined;
  /** The elements are in the order of their keys, not of their positions. */
  isOrderedByKey = false;

  /** Starts a run at an element of an array, whose positions are `first`, `first + 1`, … or those given. */
  begin(elements: readonly object[], start: number, first: number, positions: readonly number[] | undefined): void {
    this.elements = elements;
    this.start = start;
    this.at = 0;
    this.end = 0;
    this.first = first;
    this.positions = positions;
  }

  /** Drops all references. */
  clear(): void {
    this.elements = noElements;
    this.rows = noRows;
    this.end = this.at;
  }

  /** Starts a run of one element, with its row. */
  beginRow(row: Row, value: unknown): void {
    this.begin([row.element], 0, row.position, undefined);
    this.keys[0] = row.windowKey;
    if (value !== undefined) this.values[0] = value;
    this.rows = [row];
    this.end = 1;
  }

  elementAt(index: number): object {
    return this.elements[this.start + index] as object;
  }

  /** Returns the elements from the next one to before this index. */
  elementsTo(end: number): object[] {
    return this.elements.slice(this.start + this.at, this.start + end);
  }

  rowAt(index: number): Row | undefined {
    return index < this.rows.length ? this.rows[index] : undefined;
  }

  /** Starts a run of `count` reordered elements, from an index of the arrays on, with their keys. */
  beginReordered(
    elements: readonly object[],
    start: number,
    keys: any[],
    positions: readonly number[],
    count: number,
  ): void {
    this.begin(elements, start, 0, positions);
    this.keys = keys;
    this.end = count;
    this.isOrderedByKey = true;
  }

  /** Returns the key by which the element's node is reordered under slack. Without slack it is the same for all. */
  orderKeyAt(index: number): any {
    return this.isOrderedByKey ? this.keys[index] : orderKeyOf(this.rowAt(index));
  }

  /** Widens a span of positions by the elements from the next one to before this index. */
  widen(span: { from: number; to: number }, end: number): void {
    const { at } = this;
    if (!this.isOrderedByKey) {
      span.from = Math.min(span.from, this.positionAt(at));
      span.to = Math.max(span.to, this.positionAt(end - 1));
      return;
    }
    let { from, to } = span;
    for (let i = at; i < end; i++) {
      const position = this.positionAt(i);
      if (position < from) from = position;
      if (position > to) to = position;
    }
    span.from = from;
    span.to = to;
  }

  positionAt(index: number): number {
    const place = this.start + index;
    return this.positions === undefined ? this.first + place : (this.positions[place] as number);
  }
}
