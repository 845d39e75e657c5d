import { orderKeyOf, type Row } from '../row.js';

const noElements: readonly object[] = [];
const noRows: readonly Row[] = [];

/** Surviving master elements that follow each other, and which of them is next. They are counted from the run's first. */
export class Run {
  private elements: readonly object[] = noElements;
  /** Where its first stands in the array. */
  start = 0;
  /** Their window keys, where the window has a key. */
  keys: any[] = [];
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
  beginRow(row: Row): void {
    this.begin([row.element], 0, row.position, undefined);
    this.keys[0] = row.windowKey;
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

  /** So many elements that were put in order, with their keys and positions. */
  beginReordered(elements: readonly object[], keys: any[], positions: readonly number[], count: number): void {
    this.begin(elements, 0, 0, positions);
    this.keys = keys;
    this.end = count;
    this.isOrderedByKey = true;
  }

  /** The key by which the element's node is reordered under slack; without it all have the same. */
  orderKeyAt(index: number): any {
    return this.isOrderedByKey ? this.keys[index] : orderKeyOf(this.rowAt(index));
  }

  /** The lowest position of the elements from the next one on and before this index. */
  lowest(end: number): number {
    let lowest = this.positionAt(this.at);
    if (this.isOrderedByKey) for (let i = this.at + 1; i < end; i++) lowest = Math.min(lowest, this.positionAt(i));
    return lowest;
  }

  /** The highest. */
  highest(end: number): number {
    let highest = this.positionAt(end - 1);
    if (this.isOrderedByKey) for (let i = this.at; i < end - 1; i++) highest = Math.max(highest, this.positionAt(i));
    return highest;
  }

  positionAt(index: number): number {
    const place = this.start + index;
    return this.positions === undefined ? this.first + place : (this.positions[place] as number);
  }
}
