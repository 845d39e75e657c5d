import type { Row } from '../row.js';

const noElements: readonly object[] = [];
const noRows: readonly Row[] = [];

/** Surviving master elements that follow each other, and which of them is next. */
export class Run {
  elements: readonly object[] = noElements;
  /** Their window keys, where the window has a key. */
  keys: any[] = [];
  /** Their rows, where the lane has rows. */
  private rows: readonly Row[] = noRows;
  /** The next element. */
  at = 0;
  /** Where the run is over. */
  end = 0;
  private first = 0;
  private positions: readonly number[] | undefined;

  /** Stands before an element of a batch, whose positions are `first`, `first + 1`, … or those given. */
  begin(elements: readonly object[], at: number, first: number, positions: readonly number[] | undefined): void {
    this.elements = elements;
    this.at = at;
    this.end = at;
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

  rowAt(index: number): Row | undefined {
    return index < this.rows.length ? this.rows[index] : undefined;
  }

  positionAt(index: number): number {
    return this.positions === undefined ? this.first + index : (this.positions[index] as number);
  }
}
