import { compareKeys } from '../../../expressions/key.js';
import type { NodeVector, PlaceJson } from '../../resume/lane-vector.js';
import type { KeyTrack } from '../keys/key-track.js';
import type { NodeKeys } from '../keys/node-keys.js';
import type { NodeSpec } from '../lane-spec.js';
import { HeldRows } from '../rows/held-rows.js';
import { type Row, Turn } from '../rows/row.js';
import { ForcedFrontier } from './forced-frontier.js';
import { Inbox } from './inbox.js';
import { NodeReplay } from './node-replay.js';
import { SlackQueue } from './slack-queue.js';

const HIGHEST = Number.POSITIVE_INFINITY;

/** The result of a pull. */
export type Pulled = 'nothing' | 'rows' | 'late' | 'violation';

/**
 * The input side of a node: takes elements in order from the inbox, checks their keys by the order policy, and holds
 * those that can still matter as rows. It does not know the edges.
 */
export class NodeInput {
  readonly held: HeldRows;
  readonly inbox: Inbox;
  readonly keys: NodeKeys;

  /** The source has ended: nothing more will be fed. */
  sourceEnded = false;
  /** The source has ended, the inbox is empty, and the node has noticed. */
  drained = false;

  /** The lane is over: what is held is of no more use to it. */
  isLaneOver = false;

  /** The node is silent: the lane does not wait for it until more is fed. */
  ignored = false;
  readonly forced: ForcedFrontier | undefined;

  /** The element that the last pull found late or out of order. */
  lateElement: object | undefined = undefined;
  latePosition = -1;
  badTrack: KeyTrack | undefined = undefined;

  /** The number of elements taken that were in a group or a call. */
  matched = 0;
  late = 0;
  /** The number of elements that the lane keeps outside this node's queue and that are in no group yet. */
  unsettledElsewhere: () => number = () => 0;
  /** The number of all elements that the lane keeps outside this node's queue. */
  heldElsewhere: () => number = () => 0;
  /** The number of elements that were read again and settled before the restart: the lane skips them. */
  skipped = 0;
  /** Those of them that the windows skip. */
  skippedByWindows: () => number = () => 0;
  /** The number of elements in open windows that were in no called window. */
  inWindows: () => number = () => 0;
  /** The highest position that was checked, so that each element is given as late only once. */
  seen: number;
  /** Only under slack: the elements that cannot be taken in order yet. */
  readonly slack: SlackQueue | undefined;
  /** The point to read the node again from after a restart. */
  readonly replay: NodeReplay;
  /** The element that `takeInOrder` took without holding it. */
  private takenElement: object | undefined = undefined;
  private takenPosition = -1;

  constructor(
    /** The index of the node in the spec. */
    readonly index: number,
    readonly spec: NodeSpec,
    keys: NodeKeys,
    restart: NodeVector | undefined,
    /** Its rows are in the groups of calls: there is no semi or anti edge above. */
    readonly reachesCalls: boolean,
    /** For the master: the element that was taken last before a restart. */
    taken?: PlaceJson,
  ) {
    this.keys = keys;
    this.held = new HeldRows(keys, index === 0, reachesCalls);
    this.inbox = new Inbox(restart?.from ?? 0);
    if (spec.mayBeIgnored) this.forced = new ForcedFrontier(restart?.forced);
    this.seen = restart?.seen ?? -1;
    if (restart !== undefined) keys.restore(restart.high);
    if (spec.order.policy === 'slack') this.slack = new SlackQueue(spec.order.slack, keys.by as KeyTrack);
    this.replay = new NodeReplay(index, keys, this.inbox, this.slack?.highWater, restart, taken);
  }

  get isLeaf(): boolean {
    return this.spec.edges.length === 0;
  }

  /** Returns whether a new row can be of any use. */
  protected canUse(_row: Row): boolean {
    return true;
  }

  /** The number of elements taken, except those that were settled before a restart. */
  get read(): number {
    return this.readOf(this.inbox.taken);
  }

  /** The same when this many elements had been taken. */
  readOf(taken: number): number {
    return taken - this.skipped - this.skippedByWindows();
  }

  /** All elements below this position were taken; `Infinity` if the stream has ended and all were. */
  get passedBelow(): number {
    return this.sourceEnded && this.inbox.isEmpty ? HIGHEST : this.inbox.unread;
  }

  /** The number of elements that were taken, were in no group and no call, and cannot match any more. */
  get passedOver(): number {
    return this.read - this.late - this.matched - this.unsettled;
  }

  /** The number of elements that were taken and are not settled yet. */
  private get unsettled(): number {
    if (this.isLaneOver) return 0;
    let unsettled = (this.slack?.size ?? 0) + this.unsettledElsewhere() + this.inWindows();
    for (let i = 0; i < this.held.size; i++) {
      const row = this.held.at(i);
      if (!row.gone && !row.matched) unsettled++;
    }
    return unsettled;
  }

  get ended(): boolean {
    return this.drained && (this.slack === undefined || this.slack.size === 0);
  }

  /** Returns whether a pull would make progress. */
  get available(): boolean {
    return !this.inbox.isEmpty || (this.sourceEnded && !this.drained) || this.slack?.isDue(this.drained) === true;
  }

  /** The lowest key of this expression that can still arrive, not counting held rows. */
  frontier(track: KeyTrack): any {
    if (this.ended) return HIGHEST;
    return track === this.keys.by ? (this.slack as SlackQueue).frontier(this.drained) : track.high;
  }

  /** Like `frontier`, but as if the stream had not ended: elements may be appended to it, for a later run. */
  openFrontier(track: KeyTrack): any {
    return track === this.keys.by ? (this.slack as SlackQueue).frontier(false) : track.high;
  }

  /** Marks the node as drained, if the source has ended and the inbox is empty. Returns whether that is new. */
  noteEnd(): boolean {
    if (this.drained || !this.sourceEnded || !this.inbox.isEmpty) return false;
    this.drained = true;
    return true;
  }

  /** Takes one more row, unless an element is late or nothing is available. */
  pull(): Pulled {
    const { slack } = this;
    if (slack === undefined) return this.inbox.isEmpty ? this.atEnd() : this.takeInOrder(true);
    for (;;) {
      const isDue = slack.isDue(this.drained);
      if (!isDue && this.inbox.isEmpty) return this.atEnd();
      const outcome = isDue ? this.takeInTurn(slack) : this.takeForReorder(slack);
      if (outcome !== 'nothing') return outcome;
    }
  }

  /**
   * Takes elements up to the first one whose right key is at least `low`: the caller cannot use those before it.
   * `passes`: no other row can use them either, so they need not be held.
   */
  pullUpTo(low: any, passes: boolean): Pulled {
    if (this.slack !== undefined) return this.pull();
    const right = this.keys.right as KeyTrack;
    while (!this.inbox.isEmpty) {
      const outcome = this.takeInOrder(false);
      if (outcome === 'late' || outcome === 'violation') return outcome;
      if (outcome === 'nothing') continue;
      const reached = compareKeys(right.high, low) >= 0;
      if (reached || !passes) this.holdTaken();
      if (reached) return 'rows';
    }
    this.noteEnd();
    return 'rows';
  }

  /** Takes elements up to the first one whose right key is above `high`. */
  pullThrough(high: any): Pulled {
    if (this.slack !== undefined) return this.pull();
    const right = this.keys.right as KeyTrack;
    while (!this.inbox.isEmpty) {
      const outcome = this.takeInOrder(true);
      if (outcome === 'late' || outcome === 'violation') return outcome;
      if (outcome === 'rows' && compareKeys(right.high, high) > 0) return outcome;
    }
    this.noteEnd();
    return 'rows';
  }

  private atEnd(): Pulled {
    this.noteEnd();
    return 'nothing';
  }

  private takeInOrder(holds: boolean): Pulled {
    const { inbox } = this;
    const element = inbox.element;
    const position = inbox.position;
    if (this.forced !== undefined && this.isTooLate(this.forced, element, position)) {
      return this.turnAway(this.keys.right as KeyTrack, element, position);
    }
    const bad = this.keys.take(element, position);
    if (bad !== undefined) return this.turnAway(bad, element, position);
    inbox.advance();
    if (position > this.seen) this.seen = position;
    if (holds) {
      this.hold(element, position, undefined);
    } else {
      this.takenElement = element;
      this.takenPosition = position;
    }
    return 'rows';
  }

  /** Returns whether the lane stopped waiting for this element while the node was silent. */
  private isTooLate(forced: ForcedFrontier, element: object, position: number): boolean {
    const right = this.keys.right as KeyTrack;
    return this.keys.read(right, element, position) && forced.isLate(position, right.current);
  }

  private holdTaken(): void {
    this.hold(this.takenElement as object, this.takenPosition, undefined);
  }

  /** Moves the next element to the queue, unless it is late. */
  takeForReorder(slack: SlackQueue): Pulled {
    const { element, position } = this.inbox;
    const by = this.keys.by as KeyTrack;
    const bad = this.keys.readAll(element, position);
    if (bad !== undefined) return this.turnAway(bad, element, position);
    const key = by.current;
    if (compareKeys(key, slack.limit) < 0 || this.replay.isBehind(key, position)) {
      by.problem = 'order';
      return this.turnAway(by, element, position);
    }
    this.keys.settle();
    if (compareKeys(key, by.high) > 0) by.accept();
    this.inbox.advance();
    if (position > this.seen) this.seen = position;
    slack.add(element, position, key);
    return 'nothing';
  }

  /** Takes the next element out of the queue. */
  private takeInTurn(slack: SlackQueue): Pulled {
    const { replay } = this;
    const { nextElement: element, nextKey: key, nextPosition: position } = slack.buffer;
    const turn = new Turn(key, replay.from, replay.high);
    const place = { key, position };
    slack.drop(place);
    if (replay.wasDone(place)) {
      this.skipped++;
      return 'nothing';
    }
    for (const track of this.keys.remembered) {
      if (
        !this.keys.read(track, element, position) ||
        (track !== this.keys.by && track.isOrdered && !track.inOrder())
      ) {
        replay.passed(place);
        return this.turnAwayReordered(track, element, position);
      }
    }
    for (const track of this.keys.tracks) if (track !== this.keys.by) track.accept();
    this.hold(element, position, turn);
    replay.passed(place);
    return 'rows';
  }

  /** Handles an element that breaks the order: by the policy, the lane fails or skips the element. */
  turnAway(track: KeyTrack, element: object, position: number): Pulled {
    this.lateElement = element;
    this.latePosition = position;
    this.badTrack = track;
    if (this.spec.order.policy === 'fail') return 'violation';
    this.inbox.advance();
    const fresh = position > this.seen;
    if (fresh) this.seen = position;
    this.late++;
    return fresh ? 'late' : 'nothing';
  }

  /** Like `turnAway`, for an element that came in under slack and whose other keys decrease in the new order. */
  private turnAwayReordered(track: KeyTrack, element: object, position: number): Pulled {
    this.lateElement = element;
    this.latePosition = position;
    this.badTrack = track;
    this.late++;
    return this.replay.wasLastGiven ? 'nothing' : 'late';
  }

  private hold(element: object, position: number, turn: Turn | undefined): void {
    const row = this.held.rowOf(element, position, turn);
    if (this.canUse(row)) this.held.push(row);
  }
}
