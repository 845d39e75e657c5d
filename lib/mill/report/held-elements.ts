import type { Plan, PlanNode } from '../plan/plan.js';
import { type LaneState, nodeInAll, sum } from './lane-state.js';

/** The elements that a mill has in memory, in all its lanes. */
export interface HeldElements {
  /** The holder: an edge (`Order to Price`), a window (`window of Order`), or the order of the master (`Order`). */
  readonly by: string;
  readonly elements: number;
}

/** The elements in memory: per edge, in windows, and waiting ones of the master. */
export function heldBy(plan: Plan, lanes: readonly LaneState[]): readonly HeldElements[] {
  const { nodes, window } = plan;
  const master = nodes[0] as PlanNode;
  const heldOf = (index: number): number => nodeInAll(lanes, index).held;
  const edges = nodes.flatMap((node) => node.edges);
  return [
    { by: master.name, elements: heldOf(0) },
    ...edges.map(({ parent, child }) => ({
      by: `${nodes[parent]?.name} to ${nodes[child]?.name}`,
      elements: heldOf(child),
    })),
    ...(window === undefined
      ? []
      : [{ by: `window of ${master.name}`, elements: sum(lanes.map(({ inWindows }) => inWindows)) }]),
  ];
}
