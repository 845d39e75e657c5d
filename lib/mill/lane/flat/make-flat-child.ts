import type { Shape } from '../../../joins/matching/matching.js';
import type { EdgeSpec } from '../lane-spec.js';
import type { LaneEdge } from '../nodes/lane-tree.js';
import { AsOfBackwardChild } from './as-of-backward-child.js';
import { EqualChild } from './equal-child.js';
import type { FlatChild } from './flat-child.js';
import { WithinChild } from './within-child.js';

const children: Record<Shape, new (edge: LaneEdge) => FlatChild> = {
  key: EqualChild,
  interval: WithinChild,
  latest: AsOfBackwardChild,
};

/** Returns whether a flat lane supports the child of this edge. */
export function hasFlatChild({ matching }: EdgeSpec): boolean {
  return matching.shape !== undefined;
}

export function makeFlatChild(edge: LaneEdge): FlatChild {
  const shape = edge.matching.shape as Shape;
  // With `on` a key has one group per value: a band of one key.
  return new children[shape === 'key' && edge.hasOn ? 'interval' : shape](edge);
}
