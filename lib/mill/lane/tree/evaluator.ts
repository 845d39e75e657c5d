import type { LaneEdge, LaneNode } from '../nodes/lane-tree.js';
import type { Row, Verdict } from '../rows/row.js';

/**
 * The part of the evaluation that completing groups and eviction use; an interface, so that they do not import each
 * other.
 */
export interface Evaluator {
  /** Returns whether a row satisfies the edges of its node. */
  verdict(node: LaneNode, row: Row): Verdict;
  /** Completes the groups of a surviving row and of all rows in them; false while more is needed. */
  completeGroups(node: LaneNode, row: Row): boolean;
  /** Returns whether no child element that is still to come can match this row. */
  passed(edge: LaneEdge, row: Row, high: any): boolean;
  /**
   * Takes the available elements of the band of a row whose group is collected; false if more can arrive and is not
   * available.
   */
  takeBand(edge: LaneEdge, row: Row, high: any): boolean;
  /** Returns whether no element of this node that is still to come can survive. */
  exhausted(node: LaneNode): boolean;
  /** Asks for more of a node. */
  want(node: LaneNode): void;
}
