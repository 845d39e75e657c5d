import { BandChild } from './band-child.js';
import { EqualChild } from './equal-child.js';
import type { FlatChild } from './flat-child.js';
import type { EdgeSpec } from './lane-spec.js';
import type { LaneEdge } from './lane-tree.js';
import { LatestChild } from './latest-child.js';

/** Whether a flat lane has a way to hold the child of this edge. */
export function hasFlatChild({ matching, on }: EdgeSpec): boolean {
  if (matching.pick === 'last') return matching.name === 'asOf backward';
  if (matching.pick !== 'all') return false;
  return matching.name === 'within' || (matching.name === 'equal' && on.length === 0);
}

export function makeFlatChild(edge: LaneEdge): FlatChild {
  if (edge.matching.pick === 'last') return new LatestChild(edge);
  return edge.matching.name === 'within' ? new BandChild(edge) : new EqualChild(edge);
}
