import type { LaneEdge, LaneNode } from './lane-tree.js';
import type { Row, Verdict } from './row.js';

/** What completing groups and eviction ask of the evaluation; an interface, so that they do not import each other. */
export interface Evaluator {
  /** Whether a row satisfies its node's edges. */
  verdict(node: LaneNode, row: Row): Verdict;
  /** Completes the groups of a surviving row and of all rows in them; false while more is needed. */
  completeGroups(node: LaneNode, row: Row): boolean;
  /** Whether no child element that is still to come can match this row. */
  passed(edge: LaneEdge, row: Row, high: any): boolean;
  /** The same for a row whose group is asked for: takes the available elements of its band first. */
  takeBand(edge: LaneEdge, row: Row, high: any): boolean;
  /** Whether no element of this node that is still to come can survive. */
  exhausted(node: LaneNode): boolean;
  /** More of this node is needed. */
  want(node: LaneNode): void;
}
