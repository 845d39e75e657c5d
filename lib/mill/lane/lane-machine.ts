import type { LaneEnd, LaneVector } from '../resume/lane-vector.js';
import type { LaneAnswer } from './answer.js';
import type { Fed } from './input/inbox.js';
import type { LaneStats } from './lane-stats.js';
import type { NodeCounts } from './node-counts.js';
import type { LaneNode } from './nodes/lane-tree.js';
import type { WindowAges } from './windows/windows.js';

/** The maximum number of values that a lane is fed in one step, so that its stages find them in the cache. */
export const mostFedAtOnce = 1024;

/**
 * The joining machine of one lane. It is fed with batches and asked for the next answer. It is pure and synchronous: it
 * has no promises, clock or broker, so its answers depend only on its input. `TreeLane`,
 * `FlatLane` and `OneStreamLane` implement it; `make-lane.ts` chooses.
 */
export interface LaneMachine {
  /** The nodes, in the order of the spec. If an answer has several calls, they are ahead of the calls made so far. */
  readonly nodes: readonly LaneNode[];
  /** The counts of a node as of the last call made. */
  counts(node: number): NodeCounts;
  /** The elements in memory. If an answer has several calls, the lane is ahead of the calls made so far. */
  stats(): LaneStats;
  /** The number of calls that did not wait for a silent node. */
  readonly forcedCalls: number;
  /** The ages of open windows that a clock closes one by one; undefined for other windows. */
  readonly windowAges: WindowAges | undefined;
  /** Feeds elements of a node's stream. */
  feed(node: number, ...fed: Fed): void;
  /** Ends the input of a node: nothing more will be fed to it. */
  end(node: number): void;
  /** Stops waiting for a node until more is fed to it. Only if its spec allows that. */
  ignore(node: number): void;
  /** Limits the number of calls in one answer from now on: a lane is ahead of the calls made by up to one answer. */
  limit(calls: number): void;
  /** Ends the lane now. Open windows and pending unmatched rows are dropped. */
  stop(reason: LaneEnd): void;
  /**
   * Reports that nothing arrived for a while. `key` is the result of the window's `onTimeout`. Calls that follow from
   * it come with `next`.
   */
  timeout(key?: unknown): void;
  /**
   * Takes back the last call (or unmatched element), because it failed: the vector is again the one before it. `next`
   * must not be called after that.
   */
  retract(): void;
  /**
   * The next thing to do. An answer is valid until the next call of `next`; an answer with several calls is repeated
   * until all are made.
   */
  next(): LaneAnswer;
  /**
   * All elements of a node below this position were taken, and the calls that they led to were made; `Infinity` if all
   * elements were.
   */
  passedBelow(node: number): number;
  /** The vector from which a new lane makes exactly the calls that were not made yet. */
  vector(): LaneVector;
}
