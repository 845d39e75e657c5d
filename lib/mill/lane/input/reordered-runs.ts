import { compareKeys } from '../../../expressions/key.js';
import { comparePlaces, type Place } from '../../resume/place.js';
import type { ReplayPoint } from '../../resume/replay-point.js';
import type { KeyTrack } from '../keys/key-track.js';
import type { Run } from '../windows/run.js';
import type { OldestElement } from '../windows/windows.js';
import type { HighWater } from './high-water.js';
import type { NodeInput } from './node-input.js';
import type { ReorderBuffer } from './reorder-buffer.js';
import type { FirstElement, Runs } from './runs.js';
import type { SlackQueue } from './slack-queue.js';

/** The number of elements read before the due ones are given: few enough to stay in the cache. */
const AT_ONCE = 256;

/** The runs of a stream under slack with only one key: the due elements, ordered by (key, position). */
export class ReorderedRuns implements Runs {
  trouble: 'late' | undefined = undefined;
  private readonly by: KeyTrack;
  private readonly queue: SlackQueue;
  private readonly reorder: ReorderBuffer;
  private readonly highWater: HighWater;
  private readonly slack: number;
  /** The keys of the elements read last. */
  private readonly taken: any[] = [];
  /** The keys of the last run. */
  private readonly keys: any[] = [];
  /** The place up to which elements were given, in this run or before the lane started. */
  private last: Place;
  /** All elements that were done when the lane started have been dropped. */
  private isFresh = false;

  constructor(
    private readonly node: NodeInput,
    /** The oldest given element that the lane still needs. */
    private readonly oldest: () => OldestElement | undefined,
    run: Run,
  ) {
    this.by = node.keys.by as KeyTrack;
    this.queue = node.slack as SlackQueue;
    this.reorder = this.queue.buffer;
    this.highWater = this.queue.highWater;
    this.last = node.replay.startPlace;
    this.slack = node.spec.order.policy === 'slack' ? Number(node.spec.order.slack) : 0;
    node.unsettledElsewhere = () => run.end - run.at;
  }

  read(run: Run): boolean {
    const { node } = this;
    const { inbox } = node;
    this.trouble = undefined;
    run.clear();
    this.forget();
    for (;;) {
      const hasTaken = !inbox.isEmpty && this.takeMany();
      if (this.fill(run)) return true;
      if (hasTaken) continue;
      if (inbox.isEmpty) {
        if (!node.noteEnd()) return this.rest();
      } else if (node.takeForReorder(this.queue) === 'late') {
        this.trouble = 'late';
        return this.rest();
      }
    }
  }

  /**
   * Ends reading, since nothing more is available. Drops the references to elements of earlier runs, which were all
   * taken.
   */
  private rest(): false {
    this.reorder.forgetTaken();
    return false;
  }

  /**
   * Reads elements of the current batch at once, up to the first that must be read on its own. Returns whether there
   * were any.
   */
  private takeMany(): boolean {
    const { node, by, taken, highWater } = this;
    const { inbox, replay } = node;
    // After a restart, an element may be late although it is within the slack.
    if (compareKeys(this.queue.limit, replay.releasedKey) < 0) return false;
    const { elements, index } = inbox;
    const end = by.readUnderSlack(elements, index, Math.min(index + AT_ONCE, inbox.end), taken, this.slack);
    if (end === index) return false;
    for (let i = index; i < end; i++) highWater.add(inbox.positionAt(i), taken[i - index]);
    by.high = highWater.highest;
    this.reorder.addRun(inbox.batch, index, end, taken);
    const position = inbox.positionAt(end - 1);
    if (position > node.seen) node.seen = position;
    inbox.passTo(end);
    return true;
  }

  /** Fills a run with the due elements; false if there are none. */
  private fill(run: Run): boolean {
    const { node, reorder, keys } = this;
    const limit = node.drained ? Number.POSITIVE_INFINITY : this.queue.limit;
    if (!this.isFresh) this.dropDone(limit);
    const count = reorder.takeUpTo(limit, keys);
    if (count === 0) return false;
    const { elements, positions, head } = reorder;
    run.beginReordered(elements as object[], head - count, keys, positions, count);
    this.last = { key: keys[count - 1], position: positions[head - 1] as number };
    return true;
  }

  /** Drops the elements up to a key that were done when the lane started: they come first. */
  private dropDone(limit: any): void {
    const { reorder } = this;
    while (reorder.size > 0 && reorder.nextKey <= limit) {
      this.isFresh = comparePlaces({ key: reorder.nextKey, position: reorder.nextPosition }, this.last) > 0;
      if (this.isFresh) return;
      reorder.drop();
      this.node.skipped++;
    }
  }

  /** Drops the high-water marks that no restart will need. */
  private forget(): void {
    this.highWater.pass(this.placeBefore(this.oldest()));
  }

  /**
   * A place between an element and all elements before it in the new order; without an element, the place after the
   * last given one.
   */
  private placeBefore(element: Pick<FirstElement, 'orderKey' | 'position'> | undefined): Place {
    return element === undefined ? this.last : { key: element.orderKey, position: element.position - 1 };
  }

  pass(): void {}

  takenTo(): number {
    return this.node.inbox.taken;
  }

  get frontier(): any {
    return this.node.keys.window && this.queue.limit;
  }

  replayPoint(run: Run, first: FirstElement | undefined): ReplayPoint {
    const { node } = this;
    const after = this.placeBefore(first ?? nextOf(run));
    const { from, high } = this.highWater.after(after);
    return { node: node.index, from: from ?? node.inbox.unread, high: [high], after };
  }
}

/** The next element of a run, if there is one. */
function nextOf(run: Run): Pick<FirstElement, 'orderKey' | 'position'> | undefined {
  if (run.at === run.end) return undefined;
  return { orderKey: run.orderKeyAt(run.at), position: run.positionAt(run.at) };
}
