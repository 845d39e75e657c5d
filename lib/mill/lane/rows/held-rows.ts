import type { KeyTrack } from '../keys/key-track.js';
import type { NodeKeys } from '../keys/node-keys.js';
import { OnIndex } from './on-index.js';
import { NO, Row, type Turn, UNKNOWN, YES } from './row.js';
import { RowQueue } from './row-queue.js';

/** About the number of rows in use at a time. */
const mostRecycled = 64;

/** The rows that a node holds. A row is reused if nothing refers to it any more. */
export class HeldRows extends RowQueue {
  /** Nothing refers to the rows once they leave the queue: groups and windows hold elements, not rows. */
  recycles = false;
  private readonly recycled: Row[] = [];
  private nextSequence = 0;
  /** The sequence number of the first open row: see `firstOpen`. */
  private openSequence = 0;
  /** Only if the edge to the parent has an `on`. */
  private readonly byOn: OnIndex | undefined;

  constructor(
    private readonly keys: NodeKeys,
    /** Rows of the master leave the queue as soon as they are settled. */
    private readonly isMaster: boolean,
    /** The rows are in the groups of calls. */
    private readonly reachesCalls: boolean,
  ) {
    super();
    if (keys.upOn !== undefined) this.byOn = new OnIndex();
  }

  /** Makes a row, not held yet, for the element whose keys were read last. */
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

  /** Keeps a row that nothing refers to any more for reuse. */
  recycle(row: Row): void {
    if (this.recycles && this.recycled.length < mostRecycled) this.recycled.push(row);
  }

  /** The first row that is not settled: its groups or, if none are collected, its verdict is open. */
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
    return this.reachesCalls ? row.groups === undefined : row.verdict === UNKNOWN;
  }
}
