import type { KeyTrack } from '../input/key-track.js';
import type { NodeKeys } from '../input/node-keys.js';
import { OnIndex } from './on-index.js';
import { NO, Row, type Turn, UNKNOWN, YES } from './row.js';
import { RowQueue } from './row-queue.js';

/** As many as are on their way at a time. */
const mostRecycled = 64;

/** The rows that a node holds: made of its elements, used again where that leaves no trace. */
export class HeldRows extends RowQueue {
  /** Its rows leave no trace once they are taken from the queue: nothing but elements is in groups and windows. */
  recycles = false;
  private readonly recycled: Row[] = [];
  private nextSequence = 0;
  /** The sequence number of the first open row: see `firstOpen`. */
  private openSequence = 0;
  /** Where the edge to the parent has an `on`. */
  private readonly byOn: OnIndex | undefined;

  constructor(
    private readonly keys: NodeKeys,
    /** Of the master: a row leaves the queue as soon as it is settled. */
    private readonly isMaster: boolean,
    /** Its rows give groups to a call. */
    private readonly givesGroups: boolean,
  ) {
    super();
    if (keys.upOn !== undefined) this.byOn = new OnIndex();
  }

  /** A row, not held yet, of the element whose keys were read last. */
  rowOf(element: object, position: number, turn: Turn | undefined): Row {
    const { keys } = this;
    const { lefts } = keys;
    const sequence = this.nextSequence++;
    const right = keys.right === undefined ? undefined : keys.right.current;
    const left = lefts.length === 1 ? (lefts[0] as KeyTrack).current : this.severalLefts();
    const verdict = lefts.length === 0 ? YES : UNKNOWN;
    let row = this.recycled.pop();
    if (row !== undefined) {
      row.reuse(element, position, sequence, right, left, verdict);
    } else {
      row = new Row(element, position, sequence, right, left, keys.windowKey, verdict);
    }
    row.turn = turn;
    if (keys.hasOn) {
      row.on = keys.upOn?.value;
      row.ons = keys.ons.length === 1 ? keys.ons[0]?.value : keys.ons.map((on) => on?.value);
    }
    return row;
  }

  /** The rows with these `on` values of the edge to the parent. */
  withOn(on: unknown): RowQueue {
    return (this.byOn as OnIndex).get(on);
  }

  override push(row: Row): void {
    super.push(row);
    this.byOn?.add(row);
  }

  override shift(): Row {
    const row = super.shift();
    this.byOn?.drop(row);
    return row;
  }

  override markGone(row: Row): void {
    super.markGone(row);
    this.byOn?.markGone(row);
  }

  override sweep(): void {
    this.byOn?.sweep();
    super.sweep();
  }

  private severalLefts(): readonly any[] | undefined {
    const { lefts } = this.keys;
    return lefts.length === 0 ? undefined : lefts.map((track) => track.current);
  }

  /** A row that nothing refers to any longer. */
  recycle(row: Row): void {
    if (this.recycles && this.recycled.length < mostRecycled) this.recycled.push(row);
  }

  /** The first row that is not settled yet: whose groups, or whose verdict where no groups are asked, are open. */
  firstOpen(): Row | undefined {
    if (this.isMaster) return this.size > 0 ? this.at(0) : undefined;
    let i = this.indexOf(this.openSequence);
    for (; i < this.size; i++) {
      const row = this.at(i);
      if (!row.gone && this.isOpen(row)) break;
    }
    if (i === this.size) {
      this.openSequence = this.nextSequence;
      return undefined;
    }
    const row = this.at(i);
    this.openSequence = row.sequence;
    return row;
  }

  private isOpen(row: Row): boolean {
    if (row.verdict === NO) return false;
    return this.givesGroups ? row.groups === undefined : row.verdict === UNKNOWN;
  }
}
