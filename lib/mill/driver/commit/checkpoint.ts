import type { LaneMachine } from '../../lane/lane-machine.js';
import type { LaneInputs } from '../input/lane-inputs.js';
import type { LaneCommit } from './commit-text.js';

/** A place in a lane's sequence of calls, from which a restart can continue. */
export type Checkpoint = Omit<LaneCommit, 'sink' | 'tables'>;

/** Where the lane stands now. */
export function checkpointOf(lane: LaneMachine, inputs: LaneInputs): Checkpoint {
  const vector = lane.vector();
  const marks = inputs.marksFor(vector.nodes.map(({ from }) => from));
  const place = { vector, marks, letters: inputs.lettersBelow };
  return inputs.lags === undefined ? place : { ...place, lags: inputs.lags.toJson() };
}
