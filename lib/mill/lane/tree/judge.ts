import type { LaneEdge, LaneNode } from './lane-tree.js';
import type { Row, Verdict } from './row.js';

/** What a picker asks of the evaluation. */
export interface Judge {
  /** Whether a row satisfies its node's edges. */
  verdict(node: LaneNode, row: Row): Verdict;
  /** Collects the groups of a surviving row and of all rows in them; true when they are complete. */
  complete(node: LaneNode, row: Row): boolean;
  /** Whether no child element that is still to come can match this row. */
  passed(edge: LaneEdge, row: Row, high: any): boolean;
  /** The same, for a row whose group is asked for: what is available of its band is taken first. */
  takeBand(edge: LaneEdge, row: Row, high: any): boolean;
  /** Whether no element of this node that is still to come can survive. */
  exhausted(node: LaneNode): boolean;
  /** More of this node is needed. */
  want(node: LaneNode): void;
}
