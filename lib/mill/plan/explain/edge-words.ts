import type { Plan, PlanEdge } from '../plan.js';

/** All edges, depth first, like the parameters. */
export function edgesOf(plan: Plan): readonly PlanEdge[] {
  return plan.nodes.flatMap((node) => node.edges).sort((a, b) => a.child - b.child);
}

/** The condition of an edge: its keys, and the equalities of `on`. */
export function edgeCondition({ matching, left, right, on }: PlanEdge): string {
  const equalities = on.map(([a, b]) => `, ${a} = ${b}`).join('');
  return `${matching.describe(String(left), String(right))}${equalities}`;
}

/** The names of both ends of an edge. */
export function namesOf(plan: Plan, edge: PlanEdge): [parent: string, child: string] {
  return [plan.nodes[edge.parent]!.name, plan.nodes[edge.child]!.name];
}
