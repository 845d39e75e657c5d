import { compareToPlace, type Place } from '../../resume/place.js';
import { orderKeyOf, type Row } from '../rows/row.js';
import type { CalledWindow, WindowSlot } from './called-window.js';
import type { Run } from './run.js';
import type { OldestElement } from './windows.js';

const nothing: object[] = [];

/**
 * The only open window of adjacent elements, each of which is in one window only. It is identified by its last element,
 * since a clock, or the end of a stream that grows later, may close it anywhere. So after a restart, elements up to the
 * last one that was called are in no window.
 */
export class OpenWindow {
  isEmpty = true;
  /** The number of elements that were called before a restart, and came again. */
  skipped = 0;
  /** The keys of the first and of the last element. */
  key: any;
  lastKey: any;
  private elements = nothing;
  private rows: Row[] = [];
  /** The first element. */
  private position = -1;
  private orderKey: any = orderKeyOf(undefined);
  private row: Row | undefined;
  /** The last element. */
  private lastPosition = -1;
  private lastOrderKey: any = orderKeyOf(undefined);
  /** The lowest and the highest position. */
  from = -1;
  to = -1;

  constructor(
    private readonly keepsRows: boolean,
    private readonly slot: WindowSlot,
    /** The last element that was called before a restart, until later ones come. */
    private done: Place | undefined,
  ) {}

  get size(): number {
    return this.elements.length;
  }

  oldest(): OldestElement | undefined {
    const { isEmpty, position, key, orderKey, row } = this;
    return isEmpty ? undefined : { position, key, orderKey, row };
  }

  /** Skips elements of a run that were called before a restart. */
  skipDone(run: Run): void {
    while (this.done !== undefined && run.at < run.end) {
      if (compareToPlace(run.orderKeyAt(run.at), run.positionAt(run.at), this.done) > 0) {
        this.done = undefined;
      } else {
        this.skipped++;
        run.at++;
      }
    }
  }

  /** Takes elements of a run up to before this index. */
  take(run: Run, end: number): void {
    const { at, keys } = run;
    if (this.isEmpty) {
      this.isEmpty = false;
      this.elements = run.elementsTo(end);
      this.position = run.positionAt(at);
      this.key = keys[at];
      this.orderKey = run.orderKeyAt(at);
      this.row = run.rowAt(at);
      this.from = this.position;
      this.to = this.position;
    } else {
      for (let i = at; i < end; i++) this.elements.push(run.elementAt(i));
    }
    run.widen(this, end);
    if (this.keepsRows) for (let i = at; i < end; i++) this.rows.push(run.rowAt(i) as Row);
    this.lastKey = keys[end - 1];
    this.lastPosition = run.positionAt(end - 1);
    this.lastOrderKey = run.orderKeyAt(end - 1);
    run.at = end;
  }

  /** Calls the window with these borders, unless it is empty. The next one starts empty. */
  call(start: any, end: any): CalledWindow | undefined {
    if (this.isEmpty) return undefined;
    const { called } = this.slot;
    called.elements = this.elements;
    called.fresh = this.elements.length;
    called.from = this.from;
    called.to = this.to;
    called.start = start;
    called.end = end;
    called.idKey = this.lastOrderKey;
    called.idPosition = this.lastPosition;
    called.first = this.position;
    called.firstKey = this.key;
    called.firstOrderKey = this.orderKey;
    called.row = this.row;
    this.isEmpty = true;
    this.elements = nothing;
    this.row = undefined;
    if (this.keepsRows) {
      called.rows = this.rows;
      this.rows = [];
    }
    return called;
  }
}
