import type { LaneMachine } from '../lane/lane-machine.js';
import type { NodeState } from '../report/lane-state.js';
import type { LaneInputs } from './input/lane-inputs.js';

/** The current state of a lane's nodes: the counts of the machine and those of the feeds. */
export function nodeStates(
  lane: LaneMachine,
  inputs: LaneInputs,
  waitedMs: readonly number[],
  isOver: boolean,
): readonly NodeState[] {
  const held = isOver ? undefined : lane.stats().nodes;
  return inputs.feeds.map(({ node, bad, first, last, stream }) => {
    const counts = lane.counts(node.index);
    const passedBelow = Math.max(counts.position, lane.passedBelow(node.index));
    const fraction = stream.fractionAt(passedBelow);
    return {
      ...counts,
      bad: bad.count,
      fraction,
      first,
      last,
      held: held?.[node.index]?.held ?? 0,
      waiting: held?.[node.index]?.waiting ?? 0,
      lag: isOver ? undefined : stream.lag,
      waitedMs: waitedMs[node.index] ?? 0,
    };
  });
}
