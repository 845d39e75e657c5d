import { type LaneMachine, mostFedAtOnce } from '../lane/lane-machine.js';

/** One value of a node's stream: an element, or the reason why it is not one. */
export interface ReadValue {
  readonly position: number;
  readonly element: object | undefined;
  readonly problem: string | undefined;
}

export interface ReadStream {
  readonly values: readonly ReadValue[];
  /** The number of values up to the end of each batch. Default: all values are one batch. */
  readonly batchEnds?: readonly number[];
  /** The stream has not ended: more may come. */
  readonly isOpen: boolean;
  /** The position of a value that is not an element, at which a run fails. */
  readonly failsAt?: number;
}

/**
 * Feeds a traced lane one node's stream as a run does (`driver/input/node-feed.ts`): in the batches that were read, each
 * up to its next value that is not an element. Where a lane checks the order of elements ahead of its need for them,
 * and ends early, depends on that.
 */
export class TracedFeed {
  /** The number of elements fed to the lane, or before it. */
  fed = 0;
  private ended = false;
  private at = 0;
  private batch = 0;
  private readonly batchEnds: readonly number[];

  constructor(
    private readonly node: number,
    private readonly stream: ReadStream,
    /** The position of the first value that the lane gets. */
    from = 0,
  ) {
    const { values } = stream;
    this.batchEnds = stream.batchEnds ?? [values.length];
    for (; this.at < values.length && (values[this.at] as ReadValue).position < from; this.at++) {
      if ((values[this.at] as ReadValue).element !== undefined) this.fed++;
    }
    while ((this.batchEnds[this.batch] ?? Number.POSITIVE_INFINITY) < this.at) this.batch++;
  }

  /** The lane needs a value at which a run fails. */
  get hasFailed(): boolean {
    const { failsAt, values } = this.stream;
    return failsAt !== undefined && values[this.at]?.position === failsAt;
  }

  /** Feeds the next elements. Returns false if none are available. */
  feed(lane: LaneMachine): boolean {
    const batchEnd = this.batchEnds[this.batch];
    if (this.ended || this.hasFailed || batchEnd === undefined) return false;
    const elements: object[] = [];
    const positions: number[] = [];
    for (const to = Math.min(batchEnd, this.at + mostFedAtOnce); this.at < to; this.at++) {
      const { element, position } = this.stream.values[this.at] as ReadValue;
      if (element !== undefined) {
        elements.push(element);
        positions.push(position);
      } else if (elements.length > 0 || this.hasFailed) break;
    }
    if (elements.length > 0) lane.feed(this.node, elements, positions[0] as number, positions);
    this.fed += elements.length;
    if (this.at === batchEnd) this.finishBatch(lane);
    return true;
  }

  private finishBatch(lane: LaneMachine): void {
    this.batch++;
    if (this.batch < this.batchEnds.length || this.stream.isOpen) return;
    this.ended = true;
    lane.end(this.node);
  }
}

/** A stream as it was when it ended before this position; null or undefined if it did not. */
export function endedAt(stream: ReadStream, end: number | null | undefined): ReadStream {
  if (end === null || end === undefined) return stream;
  const values = stream.values.filter(({ position }) => position < end);
  const batchEnds = stream.batchEnds?.filter((to) => to < values.length).concat(values.length);
  return { ...stream, values, isOpen: false, ...(batchEnds && { batchEnds }) };
}

/** The elements of a stream that a lane can be fed. */
export function elementsBefore({ values, failsAt = Number.POSITIVE_INFINITY }: ReadStream): readonly ReadValue[] {
  return values.filter(({ element, position }) => element !== undefined && position < failsAt);
}
