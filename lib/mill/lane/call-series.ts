import { compareKeys } from '../../expressions/key.js';
import type { ElementRow, WindowRow } from './answer.js';
import { mostCalls, SeveralCalls } from './several-calls.js';
import type { CalledWindow } from './windows/called-window.js';

/** As many as a batch has. */
const mostElements = 1024;

const nothing: object = Object.freeze({});
const none: readonly object[] = Object.freeze([]);

/** The first element of a call. */
export interface FirstOfCall {
  readonly element: object;
  readonly position: number;
  /** The key by which its node is reordered under slack. */
  readonly orderKey: any;
}

/** What tells a call from those before and after it, and where its first element stands. */
class Place {
  idKey: any = Number.NEGATIVE_INFINITY;
  idPosition = -1;
  first = -1;
  firstOrderKey: any = Number.NEGATIVE_INFINITY;
}

class ElementOfSeries extends Place implements ElementRow {
  element = nothing;
  position = -1;
  readonly groups: ElementRow['groups'] = [];
}

class WindowOfSeries extends Place implements WindowRow {
  elements = none;
  from = -1;
  to = -1;
  start: unknown = undefined;
  end: unknown = undefined;
}

/** Calls about elements or windows of a single stream that follow each other. */
export class CallSeries extends SeveralCalls {
  readonly rows: readonly (ElementOfSeries | WindowOfSeries)[];

  constructor(
    ofWindows: boolean,
    /** What tells the last call before: those up to it were made before a restart. */
    private doneKey: any,
    private donePosition: number,
  ) {
    super(mostElements);
    this.rows = Array.from({ length: mostCalls }, () => (ofWindows ? new WindowOfSeries() : new ElementOfSeries()));
  }

  /** What tells the last call that was made from all others. */
  get lastDone(): readonly [key: any, position: number] {
    const row = this.rows[this.done - 1];
    return row === undefined ? [this.doneKey, this.donePosition] : [row.idKey, row.idPosition];
  }

  /** The first element of the next call to be made; only when there is one. */
  get nextFirst(): FirstOfCall {
    const row = this.rows[this.done] as ElementOfSeries | WindowOfSeries;
    const element = 'elements' in row ? (row.elements[0] as object) : row.element;
    return { element, position: row.first, orderKey: row.firstOrderKey };
  }

  addElement(element: object, orderKey: any, position: number): void {
    const row = this.next(orderKey, position) as ElementOfSeries | undefined;
    if (row === undefined) return;
    row.element = element;
    row.position = position;
    row.first = position;
    row.firstOrderKey = orderKey;
    this.count++;
  }

  addWindow(window: CalledWindow): void {
    const row = this.next(window.idKey, window.idPosition) as WindowOfSeries | undefined;
    if (row === undefined) return;
    const { elements, from, to, start, end } = window;
    row.first = window.first;
    row.firstOrderKey = window.firstOrderKey;
    row.elements = elements;
    row.from = from;
    row.to = to;
    row.start = start;
    row.end = end;
    this.held += elements.length;
    this.count++;
  }

  /** A row for this call; undefined where it was made before a restart. */
  private next(idKey: any, idPosition: number): ElementOfSeries | WindowOfSeries | undefined {
    const order = compareKeys(idKey, this.doneKey);
    if (order < 0 || (order === 0 && idPosition <= this.donePosition)) return undefined;
    const row = this.rows[this.count] as ElementOfSeries | WindowOfSeries;
    row.idKey = idKey;
    row.idPosition = idPosition;
    return row;
  }

  /** Holds on to nothing. */
  clear(): void {
    if (this.count === 0) return;
    [this.doneKey, this.donePosition] = this.lastDone;
    for (let i = 0; i < this.count; i++) {
      const row = this.rows[i] as ElementOfSeries | WindowOfSeries;
      if ('elements' in row) row.elements = none;
      else row.element = nothing;
    }
    this.reset();
  }
}
