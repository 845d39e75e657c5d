import { type AllInstancesTest, allInstancesTest } from '../../../base/instance-tests.js';
import { areVersionsMixed } from '../../../base/loaded-copies.js';
import { refuseOtherVersion } from '../../../base/other-version.js';
import { safely } from '../../../base/shown-value.js';
import { type Batch, countOf, type MessageOrigin, UnreadableMessage } from '../../../brokers/batch.js';
import { EndOfStream } from '../../../messages/end-of-stream.js';
import type { NumberRows, RowReader } from '../../../messages/index.js';
import { type LaneMachine, mostFedAtOnce } from '../../lane/lane-machine.js';
import type { PlanNode } from '../../plan/plan.js';
import { type ReadMark, ReadMarks } from '../../resume/read-marks.js';
import type { CallResults } from '../results/call-results.js';
import { BadValues } from './bad-values.js';
import type { HighestKey } from './highest-key.js';
import type { MadeRun, Origins } from './origins.js';
import type { Cursor, StreamFeed } from './stream-feed.js';

/** The start of a node's input. */
export interface NodeStart {
  /** Positions below this one are skipped: the reader may start before it. */
  readonly from: number;
  /** The mark at which the reader was opened; undefined for the beginning. */
  readonly mark: ReadMark | undefined;
  /** Marks are kept, since a commit may contain them. */
  readonly remembers: boolean;
  /** The lane's name. */
  readonly lane: string;
  /** Dead letters below this position were written. */
  readonly lettersBelow: number;
  /** Takes a dead letter, before the lane gets what follows its message. */
  readonly emit: CallResults['emit'];
  /** Every element is frozen, including values that are elements already. */
  readonly freezes: boolean;
  /** Gets every batch that this node takes. */
  readonly origins: Origins | undefined;
}

/** Makes the readers of a node on demand: values that are elements already need none. */
export interface NodeReaders {
  makeReader(): (value: unknown) => object;
  /** A reader for rows with these members; undefined if their objects must be read. */
  makeRowReader(names: readonly string[]): RowReader | undefined;
}

/** The value that decoding threw, which may be anything. */
interface FoundProblem {
  readonly problem: unknown;
}

/** The maximum number of row readers. */
const mostShapes = 8;

/** Feeds one node of a lane: takes the batches of its stream and converts their values to elements. */
export class NodeFeed {
  /** The error that stopped this node. Thrown only when the lane cannot continue without it. */
  failure: unknown;
  readonly marks: ReadMarks;
  private readonly remembers: boolean;
  readonly bad: BadValues;
  ended = false;
  /** The first and the last element fed to the lane. */
  first: object | undefined;
  last: object | undefined;
  /** Get every element fed to the lane. */
  private readonly followers: HighestKey[] = [];
  /** The stream was silent for too long: the node ends after the batches it has taken. */
  private expired = false;
  /** Tests whether a reader would return all of some values unchanged; undefined if there is a deserializer. */
  private readonly areElements: AllInstancesTest | undefined;
  private read: ((value: unknown) => object) | undefined;
  /** By the names of the rows' members. */
  private readonly rowReaders = new Map<string, RowReader | undefined>();
  private cursor: Cursor;
  private batch: Batch | undefined;
  /** The last batch taken, to locate an error. */
  private lastTaken: Batch | undefined;
  private offset = 0;
  /** The problem of the value at `offset`, if it is known to be bad. The lane has the values before it, and has not asked for more. */
  private found: FoundProblem | undefined;
  /** Positions below this one are skipped. */
  private from: number;
  private readonly origins: Origins | undefined;

  constructor(
    readonly node: PlanNode,
    private readonly readers: NodeReaders,
    public stream: StreamFeed,
    start: NodeStart,
  ) {
    if (node.input.codec?.deserializer === undefined && !start.freezes)
      this.areElements = allInstancesTest(node.message);
    this.cursor = stream.join();
    this.from = start.from;
    this.origins = start.origins;
    this.marks = new ReadMarks(start.mark);
    this.remembers = start.remembers;
    this.bad = new BadValues(node, start.lane, start.lettersBelow, start.emit);
  }

  /**
   * Feeds the lane some of the available values, at most `limit` of them. Returns their number, or -1 if none are
   * available.
   */
  feed(lane: LaneMachine, limit: number): number {
    if (this.ended || this.failure !== undefined) return -1;
    const batch = this.batch ?? this.nextBatch(lane);
    if (batch === undefined) return this.endOfBatches(lane);
    const count = countOf(batch);
    const start = this.offset;
    const to = Math.min(count, start + limit, start + mostFedAtOnce);
    const end = this.feedValues(lane, batch, start, to);
    this.offset = end;
    if (this.found !== undefined || this.failure !== undefined) return end - start;
    const isCutOff = end < to;
    if (end < count && !isCutOff) return end - start;
    this.batch = undefined;
    if (batch.end || isCutOff) this.end(lane);
    return end - start;
  }

  /** Returns whether this node took all that was read, while others lag too far behind on the same reader. */
  get runsAhead(): boolean {
    return this.batch === undefined && this.stream.runsAhead(this.cursor);
  }

  /** Continues with a separate reader, which starts at or before the values that this node has not taken yet. */
  moveTo(stream: StreamFeed, from: number): void {
    this.stream.leave(this.cursor);
    this.stream = stream;
    this.cursor = stream.join();
    this.from = Math.max(this.from, from);
  }

  /** Passes every element from now on to a follower. Returns the follower. */
  follow(follower: HighestKey): HighestKey {
    this.followers.push(follower);
    return follower;
  }

  /** Ends this node, although its stream may continue. */
  expire(): void {
    this.expired = true;
  }

  /** The origin of a position, if its batch is still available. */
  originAt(position: number): MessageOrigin | undefined {
    const batch = this.lastTaken;
    const index = batch === undefined ? -1 : firstAtOrAfter(batch, position);
    if (batch === undefined || index >= countOf(batch) || positionAt(batch, index) !== position) return undefined;
    return safely(() => batch.origin?.(index));
  }

  get timedOut(): boolean {
    return this.ended && (this.expired || this.stream.timedOut);
  }

  private nextBatch(lane: LaneMachine): Batch | undefined {
    const batch = this.stream.take(this.cursor);
    if (batch === undefined) return undefined;
    this.batch = this.lastTaken = batch;
    this.offset = firstAtOrAfter(batch, this.from);
    if (this.remembers) this.marks.add(batch);
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

  /** Feeds the values from `start` to before `to`, an `EndOfStream` or a bad value. Returns the end index. */
  private feedValues(lane: LaneMachine, batch: Batch, start: number, to: number): number {
    if (batch.numberRows !== undefined && this.feedRows(lane, batch, batch.numberRows, start, to)) return to;
    const { values, first, positions } = batch;
    if (safely(() => this.areElements?.(values, start, to))) {
      // The elements are passed on without a copy.
      const elements = values as readonly object[];
      this.given({ batch, index: start, elements, start, end: to });
      lane.feed(this.node.index, elements, first, positions, start, to);
      return to;
    }
    if (areVersionsMixed()) this.refuseOthers(values, start, to);
    return this.feedDecoded(lane, batch, start, batch.mayHoldEnd ? beforeEnd(values, start, to) : to);
  }

  /** Feeds elements made from rows; false if their objects must be read. */
  private feedRows(lane: LaneMachine, batch: Batch, rows: NumberRows, start: number, to: number): boolean {
    const read = this.rowReaderOf(rows.names);
    if (read === undefined) return false;
    const elements: object[] = [];
    try {
      read(rows, start, to, elements);
    } catch {
      // Reading the objects reports the error of the class.
      return false;
    }
    this.given({ batch, index: start, elements, start: 0, end: elements.length });
    lane.feed(this.node.index, elements, batch.first + start);
    return true;
  }

  private rowReaderOf(names: readonly string[]): RowReader | undefined {
    const { rowReaders } = this;
    const shape = JSON.stringify(names);
    // If the members of a file's elements keep changing, objects are read.
    if (!rowReaders.has(shape) && rowReaders.size < mostShapes) {
      rowReaders.set(shape, this.readers.makeRowReader(names));
    }
    return rowReaders.get(shape);
  }

  /**
   * Passes the bad values at the start, then feeds the elements before the next one. That one is passed when the lane asks for
   * more: so the calls made before it depend only on the streams.
   */
  private feedDecoded(lane: LaneMachine, batch: Batch, start: number, end: number): number {
    for (let index = start; index < end; index++) {
      const elements: object[] = [];
      this.found ??= this.decode(batch.values, index, end, elements);
      if (elements.length > 0) {
        const next = index + elements.length;
        this.given({ batch, index, elements, start: 0, end: elements.length });
        const { positions } = batch;
        lane.feed(this.node.index, elements, positionAt(batch, index), positions?.slice(index, next));
        return next;
      }
      this.passBad(batch, index);
      if (this.failure !== undefined) return index;
    }
    return end;
  }

  private passBad(batch: Batch, index: number): void {
    const problem = this.found?.problem;
    this.found = undefined;
    this.failure = this.bad.take(batch.values[index], problem, positionAt(batch, index), () => batch.origin?.(index));
  }

  /** Refuses an end mark of another version of the library, which would be read as a message. */
  private refuseOthers(values: readonly unknown[], start: number, to: number): void {
    for (let i = start; i < to; i++) refuseOtherVersion(`A value of ${this.node.input.label}`, values[i]);
  }

  /** Notes elements that the lane gets. */
  private given(run: MadeRun): void {
    const { elements, start, end } = run;
    if (start >= end) return;
    this.origins?.made(run);
    this.first ??= elements[start];
    this.last = elements[end - 1];
    for (const follower of this.followers) follower.take(elements, start, end);
  }

  /** Converts values to elements up to the first bad one. Returns its problem. */
  private decode(values: readonly unknown[], start: number, end: number, elements: object[]): FoundProblem | undefined {
    this.read ??= this.readers.makeReader();
    const { read } = this;
    try {
      for (let index = start; index < end; index++) {
        const value = values[index];
        if (value instanceof UnreadableMessage) return { problem: value };
        elements.push(read(value));
      }
    } catch (problem) {
      return { problem };
    }
    return undefined;
  }
}

/** The index of the first `EndOfStream` among these values, or `to`. */
function beforeEnd(values: readonly unknown[], from: number, to: number): number {
  let i = from;
  try {
    for (; i < to; i++) if (values[i] instanceof EndOfStream) return i;
  } catch {
    // A value that throws when inspected is not an end.
    return beforeEnd(values, i + 1, to);
  }
  return to;
}

function positionAt(batch: Batch, index: number): number {
  return batch.positions === undefined ? batch.first + index : (batch.positions[index] as number);
}

function firstAtOrAfter(batch: Batch, from: number): number {
  if (batch.first >= from) return 0;
  const { positions } = batch;
  if (positions === undefined) return Math.min(from - batch.first, countOf(batch));
  const index = positions.findIndex((position) => position >= from);
  return index < 0 ? countOf(batch) : index;
}
