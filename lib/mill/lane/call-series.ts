import { compareKeys } from '../../expressions/key.js';
import type { ElementRow } from './answer.js';
import type { FirstElement } from './input/runs.js';
import { mostCalls, SeveralCalls } from './several-calls.js';
import { type CalledWindow, makeCalledWindow, none, type WindowSlot } from './windows/called-window.js';
import type { Run } from './windows/run.js';
import { isBefore } from './windows/windows.js';

/** The number of elements in a batch. */
const mostElements = 1024;

const nothing: object = Object.freeze({});

/** A call, with the key and the position that order it among the others. */
type SeriesRow = ElementOfSeries | CalledWindow;

class ElementOfSeries implements ElementRow {
  element = nothing;
  position = -1;
  /** Under slack, the key by which the node is reordered. */
  orderKey: any = Number.NEGATIVE_INFINITY;
  readonly groups: ElementRow['groups'] = [];
}

/** Consecutive calls for the elements or the windows of a single stream. */
export class CallSeries extends SeveralCalls implements WindowSlot {
  readonly rows: readonly SeriesRow[];
  /** All calls that were made before a restart have been passed: calls added from now on are new. */
  isPast = false;

  constructor(
    ofWindows: boolean,
    /** The order key and the position of the last call made so far: calls up to it were made before a restart. */
    private doneKey: any,
    private donePosition: number,
    /** The marks of the windows record which calls were made before a restart. */
    private readonly hasMarks: boolean,
  ) {
    super(mostElements);
    this.rows = Array.from({ length: mostCalls }, () => (ofWindows ? makeCalledWindow() : new ElementOfSeries()));
  }

  /** The order key and the position of the last call that was made. */
  get lastDone(): readonly [key: any, position: number] {
    const row = this.rows[this.done - 1];
    if (row === undefined || this.hasMarks) return [this.doneKey, this.donePosition];
    return 'elements' in row ? [row.idKey, row.idPosition] : [row.orderKey, row.position];
  }

  /** The first element of the next call. Only valid if there is one. */
  get nextFirst(): FirstElement {
    return firstOf(this.rows[this.done] as SeriesRow);
  }

  /** The oldest element of all calls to be made and of the open windows. Only valid if there is a call to be made. */
  oldestOf(open: FirstElement | undefined): FirstElement {
    let oldest = this.nextFirst;
    for (let i = this.done + 1; i < this.count; i++) {
      const first = firstOf(this.rows[i] as SeriesRow);
      if (isBefore(first, oldest)) oldest = first;
    }
    return open !== undefined && isBefore(open, oldest) ? open : oldest;
  }

  /** Adds elements of a run as calls; more than one only if `isPast`. */
  addElements(run: Run, from: number, to: number): void {
    const { rows } = this;
    if (!this.isPast && this.wasMade(run.orderKeyAt(from), run.positionAt(from))) return;
    this.isPast = true;
    let { count } = this;
    for (let at = from; at < to; at++) {
      const row = rows[count++] as ElementOfSeries;
      row.element = run.elementAt(at);
      row.position = run.positionAt(at);
      row.orderKey = run.orderKeyAt(at);
    }
    this.count = count;
  }

  /** The row to fill with the next window. */
  get called(): CalledWindow {
    return this.rows[this.count] as CalledWindow;
  }

  /** Adds the window in `called`, unless it was called before a restart. */
  addCalled(): void {
    const { called } = this;
    if (!this.isPast && this.wasMade(called.idKey, called.idPosition)) {
      called.elements = none;
      called.folded = undefined;
      return;
    }
    this.isPast = true;
    const { elements } = called;
    called.size = elements.length;
    this.held += elements.length;
    this.count++;
  }

  /** Returns whether this call was made before a restart. */
  private wasMade(idKey: any, idPosition: number): boolean {
    if (this.hasMarks) return false;
    const order = compareKeys(idKey, this.doneKey);
    return order < 0 || (order === 0 && idPosition <= this.donePosition);
  }

  /** Clears the series and drops its references to elements. */
  clear(): void {
    if (this.count === 0) return;
    [this.doneKey, this.donePosition] = this.lastDone;
    for (let i = 0; i < this.count; i++) {
      const row = this.rows[i] as SeriesRow;
      if ('elements' in row) {
        row.elements = none;
        row.folded = undefined;
      } else {
        row.element = nothing;
      }
    }
    this.reset();
  }
}

function firstOf(row: SeriesRow): FirstElement {
  if (!('elements' in row)) return { position: row.position, orderKey: row.orderKey, key: undefined };
  return { position: row.first, orderKey: row.firstOrderKey, key: row.firstKey };
}
