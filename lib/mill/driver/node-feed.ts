import { allInstancesTest } from '../../base/instance-tests.js';
import { type Batch, UnreadableMessage } from '../../brokers/broker.js';
import { EndOfStream } from '../../messages/end-of-stream.js';
import type { LaneMachine } from '../lane/lane-machine.js';
import type { PlanNode } from '../plan/plan.js';
import { BadValues } from './bad-values.js';
import type { Origins } from './origins.js';
import { type ReadMark, ReadMarks } from './read-marks.js';
import type { Cursor, StreamFeed } from './stream-feed.js';

/** Where a node begins to read. */
export interface NodeStart {
  /** Positions below are not for this node: its reader may begin before them. */
  readonly from: number;
  /** Where its reader was opened; undefined: at the beginning. */
  readonly mark: ReadMark | undefined;
  /** The lane's name. */
  readonly lane: string;
  /** Dead letters below this position are written. */
  readonly lettersBelow: number;
  /** Is told of every batch that this node takes. */
  readonly origins: Origins | undefined;
}

/** Feeds one node of a lane: takes the batches of its stream and makes elements of their values. */
export class NodeFeed {
  /** Why this node gets no further: raised only when the lane cannot do without it. */
  failure: unknown;
  readonly marks: ReadMarks;
  readonly bad: BadValues;
  ended = false;
  /** The first and the last element that the lane was given. */
  first: object | undefined;
  last: object | undefined;
  /** Its stream was quiet for too long, so it ends after what it took. */
  private expired = false;
  /** Whether a reader would give every one of some values back as it is; undefined where a deserializer has a say. */
  private readonly areElements: ((values: readonly unknown[]) => boolean) | undefined;
  private cursor: Cursor;
  private batch: Batch | undefined;
  /** The values of the batch are elements already: they are handed on without a copy. */
  private isOfElements = false;
  private offset = 0;
  /** How many values of the batch count: those before an `EndOfStream`. */
  private length = 0;
  private from: number;
  private readonly origins: Origins | undefined;

  constructor(
    readonly node: PlanNode,
    private readonly read: (value: any) => object,
    public stream: StreamFeed,
    start: NodeStart,
  ) {
    if (node.input.codec?.deserializer === undefined) this.areElements = allInstancesTest(node.message);
    this.cursor = stream.join();
    this.from = start.from;
    this.origins = start.origins;
    this.marks = new ReadMarks(start.mark);
    this.bad = new BadValues(node, start.lane, start.lettersBelow);
  }

  /**
   * Gives the lane what is at hand, at most `limit` elements: how many values that were, or -1 where nothing is at hand.
   */
  feed(lane: LaneMachine, limit: number): number {
    if (this.ended || this.failure !== undefined) return -1;
    const batch = this.batch ?? this.nextBatch(lane);
    if (batch === undefined) return this.endOfBatches(lane);
    const { length } = this;
    const start = this.offset;
    const end = Math.min(length, start + limit);
    this.feedValues(lane, batch, start, end);
    this.offset = end;
    if (end < length) return end - start;
    this.batch = undefined;
    if ((batch.end || length < batch.values.length) && this.failure === undefined) this.end(lane);
    return end - start;
  }

  /** Whether this node took all that was read, and others lag too far behind on the same reader. */
  get runsAhead(): boolean {
    return this.batch === undefined && this.stream.runsAhead(this.cursor);
  }

  /** Goes on with a reader of its own, which begins somewhere before the values that this node was not given yet. */
  moveTo(stream: StreamFeed, from: number): void {
    this.stream.leave(this.cursor);
    this.stream = stream;
    this.cursor = stream.join();
    this.from = Math.max(this.from, from);
  }

  /** Ends this node, though its stream may go on. */
  expire(): void {
    this.expired = true;
  }

  get timedOut(): boolean {
    return this.ended && (this.expired || this.stream.timedOut);
  }

  private nextBatch(lane: LaneMachine): Batch | undefined {
    const batch = this.stream.take(this.cursor);
    if (batch === undefined) return undefined;
    this.batch = batch;
    this.isOfElements = this.areElements?.(batch.values) ?? false;
    this.length = batch.mayHoldEnd && !this.isOfElements ? lengthBeforeEnd(batch.values) : batch.values.length;
    this.offset = Math.min(this.length, firstAtOrAfter(batch, this.from));
    this.marks.add(batch.first, batch.mark);
    this.origins?.add(batch, lane.vector().nodes[this.node.index]?.from ?? 0);
    return batch;
  }

  private endOfBatches(lane: LaneMachine): number {
    if (this.expired || this.stream.timedOut) {
      this.end(lane);
      return 0;
    }
    this.failure = this.stream.failure;
    return -1;
  }

  private end(lane: LaneMachine): void {
    this.ended = true;
    lane.end(this.node.index);
  }

  /** Feeds the elements between bad values run by run, so that positions stay consecutive in each. */
  private feedValues(lane: LaneMachine, batch: Batch, start: number, end: number): void {
    if (this.isOfElements) {
      if (start < end) this.feedRun(lane, batch, start, elementsOf(batch, start, end));
      return;
    }
    let index = start;
    while (index < end && this.failure === undefined) {
      const elements: object[] = [];
      const problem = this.decode(batch.values, index, end, elements);
      if (elements.length > 0) this.feedRun(lane, batch, index, elements);
      index += elements.length;
      if (index === end) return;
      const at = index;
      this.failure = this.bad.take(batch.values[at], problem, positionAt(batch, at), () => batch.origin?.(at));
      index++;
    }
  }

  private feedRun(lane: LaneMachine, batch: Batch, start: number, elements: readonly object[]): void {
    this.first ??= elements[0];
    this.last = elements.at(-1);
    const { positions } = batch;
    const isWhole = elements.length === batch.values.length;
    lane.feed(
      this.node.index,
      elements,
      positionAt(batch, start),
      positions === undefined || isWhole ? positions : positions.slice(start, start + elements.length),
    );
  }

  /** Makes elements up to the first value that is none; gives its problem. */
  private decode(values: readonly unknown[], start: number, end: number, elements: object[]): unknown {
    const { read } = this;
    try {
      for (let index = start; index < end; index++) {
        const value = values[index];
        if (value instanceof UnreadableMessage) return value;
        elements.push(read(value));
      }
    } catch (problem) {
      return problem;
    }
    return undefined;
  }
}

function lengthBeforeEnd(values: readonly unknown[]): number {
  const mark = values.findIndex((value) => value instanceof EndOfStream);
  return mark < 0 ? values.length : mark;
}

/** All values of the batch as they are, or a part of them. */
function elementsOf({ values }: Batch, start: number, end: number): readonly object[] {
  const part = start === 0 && end === values.length ? values : values.slice(start, end);
  return part as readonly object[];
}

function positionAt(batch: Batch, index: number): number {
  return batch.positions === undefined ? batch.first + index : (batch.positions[index] as number);
}

function firstAtOrAfter(batch: Batch, from: number): number {
  if (batch.first >= from) return 0;
  const { positions, values } = batch;
  if (positions === undefined) return Math.min(from - batch.first, values.length);
  const index = positions.findIndex((position) => position >= from);
  return index < 0 ? values.length : index;
}
