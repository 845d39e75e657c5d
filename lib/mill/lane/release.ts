import { compareKeys } from '../../expressions/key.js';
import type { Evaluation } from './evaluation.js';
import type { LaneEdge } from './lane-edge.js';
import type { LaneNode } from './lane-node.js';

/** Frees what no parent row can match any more: this is what bounds a lane's memory. */
export function releaseBelow(evaluation: Evaluation, node: LaneNode): void {
  for (let i = 0; i < node.edges.length; i++) {
    const edge = node.edges[i] as LaneEdge;
    edge.child.held.sweep();
    const open = node.firstOpen();
    // Unmatched rows are released between master elements, never by a frontier alone.
    if (edge.unmatched && open === undefined && !node.ended) continue;
    const floor = open === undefined ? node.frontier(node.leftTracks[i] as any) : edge.left(open);
    releaseBehind(edge, floor);
    if (edge.superseded !== undefined) edge.superseded.release(evaluation, floor);
  }
}

/** Rows that lie below the band of every parent key from `floor` on. */
function releaseBehind(edge: LaneEdge, floor: any): void {
  const { held } = edge.child;
  if (held.size === 0) return;
  const all = floor === Number.POSITIVE_INFINITY;
  const low = all ? undefined : edge.matching.low(floor);
  while (held.size > 0 && (all || compareKeys(held.at(0).right, low) < 0)) {
    const row = held.shift();
    if (row.gone) continue;
    if (edge.unmatched) edge.pending.push(row);
    edge.superseded?.forget(row);
  }
}
