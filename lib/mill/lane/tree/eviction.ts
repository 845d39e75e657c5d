import { compareKeys } from '../../../expressions/key.js';
import type { LaneEdge } from '../nodes/lane-tree.js';
import type { Evaluator } from './evaluator.js';
import { Superseded } from './superseded.js';

/** Frees the child rows of an edge that no parent row can match any more. This bounds the memory of a lane. */
export class Eviction {
  private readonly superseded: Superseded | undefined;

  constructor(private readonly edge: LaneEdge) {
    const { pick } = edge.matching;
    if (pick === 'last' || pick === 'nearest') this.superseded = new Superseded(edge);
  }

  run(evaluator: Evaluator): void {
    const { edge } = this;
    const { parent, child } = edge;
    const { held } = child;
    if (held.size === 0) return;
    held.sweep();
    const open = parent.held.firstOpen();
    // Unmatched rows become pending only between master elements, not when a frontier moves.
    if (edge.unmatched && open === undefined && !parent.ended) return;
    const floor = open === undefined ? this.floorWithoutRow() : edge.left(open);
    this.evictBelow(floor);
    if (this.superseded !== undefined) this.superseded.evict(evaluator, floor);
  }

  /**
   * The lowest parent key that may still match, while no parent row is open. Rows stay after the end of the parent as
   * well: a run that continues with elements appended to its stream may need them. Only those given as unmatched do not.
   */
  private floorWithoutRow(): any {
    const { parent, leftTrack, unmatched } = this.edge;
    return unmatched ? parent.frontier(leftTrack) : parent.openFrontier(leftTrack);
  }

  /** Frees the rows that are below the band of every parent key from `floor` on. */
  private evictBelow(floor: any): void {
    const { edge } = this;
    const { held } = edge.child;
    const all = floor === Number.POSITIVE_INFINITY;
    const low = all ? undefined : edge.matching.low(floor);
    while (held.size > 0 && (all || compareKeys(held.at(0).right, low) < 0)) {
      const row = held.shift();
      if (row.gone) continue;
      if (edge.unmatched) edge.pending.push(row);
      this.superseded?.forget(row);
      held.recycle(row);
    }
  }
}
