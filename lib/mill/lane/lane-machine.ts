import type { LaneEnd, LaneVector } from '../resume/lane-vector.js';
import type { LaneAnswer } from './answer.js';
import type { Fed } from './input/inbox.js';
import type { LaneStats } from './lane-stats.js';
import type { NodeCounts } from './node-counts.js';
import type { LaneNode } from './tree/lane-tree.js';
import type { WindowAges } from './windows/windows.js';

/**
 * The joining machine of one lane: fed with batches, asked what is next. Pure and synchronous: it knows no promise, no
 * clock and no broker, so that its answers depend on what it was fed and on nothing else.
 */
export interface LaneMachine {
  /** In the spec's order. A lane that answers with several calls is ahead of those that are made: so are its nodes. */
  readonly nodes: readonly LaneNode[];
  /** The state of a node's elements after the call made last. */
  counts(node: number): NodeCounts;
  /** The elements in memory. A lane that answers with several calls is ahead of those that are made: so is what it holds. */
  stats(): LaneStats;
  /** Calls that did not wait for a silent node. */
  readonly forcedCalls: number;
  /** Of windows that a clock closes by their age, each for itself. */
  readonly windowAges: WindowAges | undefined;
  /** Elements of a node's stream. */
  feed(node: number, ...fed: Fed): void;
  /** Nothing more will be fed to this node. */
  end(node: number): void;
  /** Nothing is waited for on this node until more of it is fed; only where its spec allows that. */
  ignore(node: number): void;
  /** No answer is to have more calls than this: a lane that answers with several is ahead of them. */
  limit(calls: number): void;
  /** Ends the lane now: open windows and pending unmatched rows are dropped. */
  stop(reason: LaneEnd): void;
  /** Nothing came for a while; `key` is what the window's `onTimeout` gave. Its answer comes with `next`. */
  timeout(key?: unknown): void;
  /**
   * Takes the last call (or unmatched element) back, since it failed: the vector is again the one before it. The lane is
   * not asked for more after that.
   */
  retract(): void;
  /** The next thing to do. An answer holds until the next one is asked for; one of several calls comes again until all are made. */
  next(): LaneAnswer;
  /** Everything below this position of a node was taken, and the calls that it led to were made; `Infinity`: all of it. */
  passedBelow(node: number): number;
  /** The vector from which a new lane makes exactly the calls that were not made yet. */
  vector(): LaneVector;
}
