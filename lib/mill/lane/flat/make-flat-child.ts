import type { EdgeSpec } from '../lane-spec.js';
import type { LaneEdge } from '../lane-tree.js';
import { AsOfBackwardChild } from './as-of-backward-child.js';
import { EqualChild } from './equal-child.js';
import type { FlatChild } from './flat-child.js';
import { WithinChild } from './within-child.js';

/** Whether a flat lane has a way to hold the child of this edge. */
export function hasFlatChild({ matching, on }: EdgeSpec): boolean {
  return matching.shape !== undefined && (matching.shape !== 'key' || on.length === 0);
}

export function makeFlatChild(edge: LaneEdge): FlatChild {
  switch (edge.matching.shape) {
    case 'latest':
      return new AsOfBackwardChild(edge);
    case 'interval':
      return new WithinChild(edge);
    default:
      return new EqualChild(edge);
  }
}
