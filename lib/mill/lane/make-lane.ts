import type { LaneVector } from '../resume/lane-vector.js';
import { FlatLane } from './flat/flat-lane.js';
import type { LaneMachine } from './lane-machine.js';
import type { LaneSpec } from './lane-spec.js';
import { OneStreamLane } from './one-stream-lane.js';
import { TreeLane } from './tree/tree-lane.js';

/**
 * Makes the machine for a tree. `TreeLane` runs every tree. The two shapes that most mills have need little of it and
 * have loops of their own, for speed. All return the same answers and the same vectors: one oracle tests them.
 */
export function makeLane(spec: LaneSpec, vector?: LaneVector): LaneMachine {
  if (OneStreamLane.fits(spec)) return new OneStreamLane(spec, vector);
  if (FlatLane.fits(spec)) return new FlatLane(spec, vector);
  return new TreeLane(spec, vector);
}
