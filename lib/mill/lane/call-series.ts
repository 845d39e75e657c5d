import { compareKeys } from '../../expressions/key.js';
import type { ElementRow } from './answer.js';
import type { FirstElement } from './input/runs.js';
import { mostCalls, SeveralCalls } from './several-calls.js';
import { type CalledWindow, makeCalledWindow, none, type WindowSlot } from './windows/called-window.js';
import type { Run } from './windows/run.js';
import { isBefore } from './windows/windows.js';

/** As many as a batch has. */
const mostElements = 1024;

const nothing: object = Object.freeze({});

/** What the calls are about, each with what tells it from those before and after it. */
type SeriesRow = ElementOfSeries | CalledWindow;

class ElementOfSeries implements ElementRow {
  element = nothing;
  position = -1;
  /** The key by which its node is reordered under slack. */
  orderKey: any = Number.NEGATIVE_INFINITY;
  readonly groups: ElementRow['groups'] = [];
}

/** Calls about elements or windows of a single stream that follow each other. */
export class CallSeries extends SeveralCalls implements WindowSlot {
  readonly rows: readonly SeriesRow[];
  /** Calls that are added from here on come after all that were made before a restart. */
  isPast = false;

  constructor(
    ofWindows: boolean,
    /** What tells the last call before: those up to it were made before a restart. */
    private doneKey: any,
    private donePosition: number,
    /** The windows' marks say what was called before a restart. */
    private readonly hasMarks: boolean,
  ) {
    super(mostElements);
    this.rows = Array.from({ length: mostCalls }, () => (ofWindows ? makeCalledWindow() : new ElementOfSeries()));
  }

  /** What tells the last call that was made from all others. */
  get lastDone(): readonly [key: any, position: number] {
    const row = this.rows[this.done - 1];
    if (row === undefined || this.hasMarks) return [this.doneKey, this.donePosition];
    return 'elements' in row ? [row.idKey, row.idPosition] : [row.orderKey, row.position];
  }

  /** The first element of the next call to be made; only when there is one. */
  get nextFirst(): FirstElement {
    return firstOf(this.rows[this.done] as SeriesRow);
  }

  /** The oldest element of all calls to be made, and of what is open; only when there is such a call. */
  oldestOf(open: FirstElement | undefined): FirstElement {
    let oldest = this.nextFirst;
    for (let i = this.done + 1; i < this.count; i++) {
      const first = firstOf(this.rows[i] as SeriesRow);
      if (isBefore(first, oldest)) oldest = first;
    }
    return open !== undefined && isBefore(open, oldest) ? open : oldest;
  }

  /** Adds elements of a run: several only where `isPast`. */
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

  /** The row that is the next to be added, of a series of windows. */
  get called(): CalledWindow {
    return this.rows[this.count] as CalledWindow;
  }

  /** Adds the window that was called. */
  addCalled(): void {
    const { called } = this;
    if (this.wasMade(called.idKey, called.idPosition)) {
      called.elements = none;
      called.folded = undefined;
      return;
    }
    const { elements } = called;
    called.size = elements.length;
    this.held += elements.length;
    this.count++;
  }

  /** Whether this call was made before a restart. */
  private wasMade(idKey: any, idPosition: number): boolean {
    if (this.hasMarks) return false;
    const order = compareKeys(idKey, this.doneKey);
    return order < 0 || (order === 0 && idPosition <= this.donePosition);
  }

  /** Holds on to nothing. */
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
