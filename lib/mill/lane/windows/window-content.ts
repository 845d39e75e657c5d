import type { Row } from '../row.js';

/** What a window holds, and tells of itself when it is called. */
export class WindowContent {
  readonly elements: object[];
  /** The rows of the elements, where a call needs their groups. */
  readonly rows: Row[];
  /** The lowest and the highest position of the elements. */
  from: number;
  to: number;
  lastKey: any;
  /** The borders that the user sees. */
  start: any = undefined;
  end: any = undefined;
  /** Tells this window from those before and after it: by its first element, or by its start. */
  idKey: any;
  idPosition: number;

  constructor(
    element: object,
    readonly position: number,
    readonly key: any,
    orderKey: any,
    /** The row of the first element, where the lane has rows. */
    readonly row: Row | undefined,
    private readonly keepsRows: boolean,
  ) {
    this.elements = [element];
    this.rows = keepsRows ? [row as Row] : noRows;
    this.from = position;
    this.to = position;
    this.lastKey = key;
    this.idKey = orderKey;
    this.idPosition = position;
  }

  add(element: object, position: number, key: any, row: Row | undefined): void {
    this.elements.push(element);
    if (this.keepsRows) this.rows.push(row as Row);
    if (position < this.from) this.from = position;
    if (position > this.to) this.to = position;
    this.lastKey = key;
  }

  /** The window is called, with these borders. */
  called(start: any, end: any): this {
    this.start = start;
    this.end = end;
    return this;
  }
}

const noRows: Row[] = [];
