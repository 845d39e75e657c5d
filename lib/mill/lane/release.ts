import { compareKeys } from '../../expressions/key.js';
import type { Evaluation } from './evaluation.js';
import type { LaneEdge } from './lane-edge.js';

/** Frees what no parent row can match any more: this is what bounds a lane's memory. */
export function release(evaluation: Evaluation, edge: LaneEdge): void {
  const { parent, child } = edge;
  const { held } = child;
  if (held.size === 0) return;
  held.sweep();
  const open = parent.firstOpen();
  // Unmatched rows are released between master elements, never by a frontier alone.
  if (edge.unmatched && open === undefined && !parent.ended) return;
  const floor = open === undefined ? parent.frontier(edge.leftTrack) : edge.left(open);
  releaseBehind(edge, floor);
  if (edge.superseded !== undefined) edge.superseded.release(evaluation, floor);
}

/** Rows that lie below the band of every parent key from `floor` on. */
function releaseBehind(edge: LaneEdge, floor: any): void {
  const { held } = edge.child;
  const all = floor === Number.POSITIVE_INFINITY;
  const low = all ? undefined : edge.matching.low(floor);
  while (held.size > 0 && (all || compareKeys(held.at(0).right, low) < 0)) {
    const row = held.shift();
    if (row.gone) continue;
    if (edge.unmatched) edge.pending.push(row);
    edge.superseded?.forget(row);
    edge.child.recycle(row);
  }
}
