import type { LaneMachine } from '../lane/lane-machine.js';
import type { NodeState } from '../report/lane-state.js';
import type { LaneInputs } from './input/lane-inputs.js';

/** What the nodes of a lane have done so far: what the machine counted, and what its feeds saw. */
export function nodeStates(lane: LaneMachine, inputs: LaneInputs): readonly NodeState[] {
  return inputs.feeds.map(({ node, bad, first, last, stream }) => {
    const counts = lane.counts(node.index);
    const passedBelow = Math.max(counts.position, lane.passedBelow(node.index));
    const fraction = stream.fractionAt(passedBelow);
    return { ...counts, bad: bad.passedBelow(passedBelow), fraction, first, last };
  });
}
