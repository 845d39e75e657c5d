import type { Inbox } from '../input/inbox.js';
import type { KeyTrack } from '../keys/key-track.js';
import type { LaneNode } from '../nodes/lane-tree.js';
import { type BatchSlice, nothing } from './batch-slice.js';
import { KeyColumn, keysAhead } from './key-column.js';
import { type HeldValues, NumberedOnColumn } from './numbered-on-column.js';
import { OnColumn } from './on-column.js';

/** Whether an element is available, or the reason why not. */
export type Head = 'head' | 'end' | 'need' | 'violation';

/**
 * The input of a node: the current batch, and the keys of a stretch of it. The next element, the head, is at
 * `inbox.index`, and its key in a column at `inbox.index - start`. It stays in the inbox until it is passed.
 */
export class KeyedInput {
  readonly inbox: Inbox;
  /** One per track of the node. */
  readonly columns: readonly KeyColumn[];
  /** The `on` values of the edge to the parent. */
  readonly upOn: NumberedOnColumn | undefined;
  /** The `on` values of each edge, if it has any. */
  readonly ons: readonly (OnColumn | undefined)[];
  private readonly onColumns: readonly OnColumn[];
  /** The indexes in the batch where the stretch begins, and up to which keys are known. */
  start = 0;
  end = 0;
  /** The maximum length of the next stretch, twice that of the previous one. */
  private ahead = 1;

  constructor(
    readonly node: LaneNode,
    /** What is held of its elements by the values of `upOn`. */
    child?: HeldValues,
  ) {
    this.inbox = node.inbox;
    const { tracks, upOn, ons } = node.keys;
    this.columns = tracks.map((track) => new KeyColumn(track));
    this.upOn = upOn && child && new NumberedOnColumn(upOn, child);
    this.ons = ons.map((on) => on && new OnColumn(on));
    this.onColumns = [this.upOn, ...this.ons].filter((on) => on !== undefined);
  }

  /** Returns whether there is a head with known keys. */
  get isRead(): boolean {
    return this.inbox.index < this.end;
  }

  /** Ensures that there is a head with its keys. */
  head(): Head {
    return this.isRead ? 'head' : this.readAhead();
  }

  /** Passes the elements before this index of the batch, within the stretch. */
  passTo(index: number): void {
    if (index === this.end) this.endStretch(index);
    this.inbox.passTo(index);
  }

  /** Returns the highest key of this column before the head. */
  high(column: KeyColumn): any {
    // Between two stretches the index does not belong to the previous one: it counts from the beginning of the batch.
    const taken = this.isRead ? this.inbox.index - this.start : 0;
    return taken > 0 ? column.keys[taken - 1] : column.track.high;
  }

  /** Returns whether the keys of the only expression are numbers, and there was one. */
  get hasNumbers(): boolean {
    if (this.columns.length > 1 || this.onColumns.length > 0) return false;
    const { domain, high } = (this.columns[0] as KeyColumn).track;
    return typeof domain.sample === 'number' && high !== Number.NEGATIVE_INFINITY;
  }

  /** Lends the available part of the batch to a loop that reads the keys of the only expression itself. */
  lend(to: BatchSlice): void {
    const { inbox } = this;
    if (this.isRead) this.endStretch(inbox.index);
    this.ahead = 1;
    to.elements = inbox.elements;
    to.at = inbox.index;
    to.end = inbox.end;
    to.high = (this.columns[0] as KeyColumn).track.high;
  }

  /** Passes the elements that the loop took, which keeps no references. */
  takeBack(from: BatchSlice): void {
    const { inbox } = this;
    (this.columns[0] as KeyColumn).track.high = from.high;
    if (from.at > inbox.index) inbox.passTo(from.at);
    from.elements = nothing;
  }

  private readAhead(): Head {
    const { inbox, node, columns } = this;
    if (inbox.isEmpty) return node.sourceEnded ? 'end' : 'need';
    const { elements, index } = inbox;
    if (!this.begin(elements[index] as object)) return 'violation';
    let end = Math.min(inbox.end, index + this.ahead);
    for (const column of columns) end = column.readOn(elements, index, end);
    for (const column of this.onColumns) end = column.readOn(elements, index, end);
    this.start = index;
    this.end = end;
    this.ahead = Math.min(keysAhead, 2 * this.ahead);
    return 'head';
  }

  private begin(element: object): boolean {
    const { node, inbox } = this;
    const bad = this.firstBad(element);
    if (bad !== undefined) node.turnAway(bad, element, inbox.position);
    return bad === undefined;
  }

  /** Reads the keys of the head. Returns the first invalid one. */
  private firstBad(element: object): KeyTrack | undefined {
    const { node, inbox } = this;
    for (const column of this.columns) {
      try {
        if (!column.begin(element)) return column.track;
      } catch (cause) {
        throw node.keys.failed(column.track, inbox.position, cause);
      }
    }
    for (const column of this.onColumns) {
      try {
        const bad = column.begin(element);
        if (bad !== undefined) return bad;
      } catch (cause) {
        throw node.keys.failed(column.reading, inbox.position, cause);
      }
    }
    return undefined;
  }

  private endStretch(index: number): void {
    for (const column of this.columns) column.taken(index - this.start);
    this.start = 0;
    this.end = 0;
  }
}
