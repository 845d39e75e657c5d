import type { Row } from '../row.js';
import { type CalledWindow, makeCalledWindow } from './called-window.js';
import type { Run } from './run.js';
import type { OldestElement } from './windows.js';

/** The one open window of elements that follow each other, each in one window only. It is called by its first element. */
export class OpenWindow {
  private readonly called = makeCalledWindow();
  private elements: object[] = [];
  private rows: Row[] = [];
  private first: OldestElement | undefined;
  private from = -1;
  private to = -1;
  /** The key of the last element. */
  lastKey: any;

  constructor(private readonly keepsRows: boolean) {}

  get isEmpty(): boolean {
    return this.first === undefined;
  }

  get size(): number {
    return this.elements.length;
  }

  /** The key of the first element. */
  get key(): any {
    return this.first?.key;
  }

  oldest(): OldestElement | undefined {
    return this.first;
  }

  /** Takes elements of a run up to this index. */
  take(run: Run, end: number): void {
    const { at, keys } = run;
    const from = run.lowest(end);
    const to = run.highest(end);
    if (this.first === undefined) {
      this.first = { position: run.positionAt(at), key: keys[at], orderKey: run.orderKeyAt(at), row: run.rowAt(at) };
      this.elements = run.elementsTo(end);
      this.from = from;
      this.to = to;
    } else {
      for (let i = at; i < end; i++) this.elements.push(run.elementAt(i));
      if (from < this.from) this.from = from;
      if (to > this.to) this.to = to;
    }
    if (this.keepsRows) for (let i = at; i < end; i++) this.rows.push(run.rowAt(i) as Row);
    this.lastKey = keys[end - 1];
    run.at = end;
  }

  /** The window is called, with these borders, unless it is empty; the next one begins empty. */
  call(start: any, end: any): CalledWindow | undefined {
    const { first, called } = this;
    if (first === undefined) return undefined;
    called.elements = this.elements;
    called.rows = this.rows;
    called.from = this.from;
    called.to = this.to;
    called.start = start;
    called.end = end;
    called.idKey = first.orderKey;
    called.idPosition = first.position;
    called.first = first.position;
    called.firstOrderKey = first.orderKey;
    called.row = first.row;
    this.first = undefined;
    this.elements = [];
    if (this.keepsRows) this.rows = [];
    return called;
  }
}
