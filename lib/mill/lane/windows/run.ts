import { orderKeyOf, type Row } from '../tree/row.js';

const noElements: readonly object[] = [];
const noRows: readonly Row[] = [];

/** Surviving master elements that follow each other, and which of them is next. They are counted from the run's first. */
export class Run {
  private elements: readonly object[] = noElements;
  /** Where its first is in the array. */
  start = 0;
  /** Their window keys, where the window has a key. */
  keys: any[] = [];
  /** The values by which the window is split, where it is. */
  readonly values: any[] = [];
  /** Their rows, where the lane has rows. */
  private rows: readonly Row[] = noRows;
  /** The next element. */
  at = 0;
  /** Where the run is over. */
  end = 0;
  /** The position of the array's first element. */
  private first = 0;
  private positions: readonly number[] | undefined;
  /** They are in the order of their keys, not of their positions. */
  isOrderedByKey = false;

  /** Stands before an element of an array, whose positions are `first`, `first + 1`, … or those given. */
  begin(elements: readonly object[], start: number, first: number, positions: readonly number[] | undefined): void {
    this.elements = elements;
    this.start = start;
    this.at = 0;
    this.end = 0;
    this.first = first;
    this.positions = positions;
  }

  /** Holds on to nothing. */
  clear(): void {
    this.elements = noElements;
    this.rows = noRows;
    this.end = this.at;
  }

  /** One element, with its row. */
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

  /** The elements from the next one on and before this index. */
  elementsTo(end: number): object[] {
    return this.elements.slice(this.start + this.at, this.start + end);
  }

  rowAt(index: number): Row | undefined {
    return index < this.rows.length ? this.rows[index] : undefined;
  }

  /** Elements that were put in order, this many, from an index of arrays on, with their keys. */
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

  /** The key by which the element's node is reordered under slack; without it all have the same. */
  orderKeyAt(index: number): any {
    return this.isOrderedByKey ? this.keys[index] : orderKeyOf(this.rowAt(index));
  }

  /** Widens a span of positions by those of the elements from the next one on and before this index. */
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
