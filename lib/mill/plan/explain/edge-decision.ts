import { kindRow } from '../../../joins/join-kind.js';
import type { Plan, PlanEdge } from '../plan.js';

/** The moment at which the matches of a parent element on this edge are known, neither earlier nor later. */
export function edgeDecision(plan: Plan, edge: PlanEdge): string {
  const parent = plan.nodes[edge.parent]!.name;
  const child = plan.nodes[edge.child]!.name;
  const tooHigh = `${child} has a key that is too high to match`;
  return kindRow(edge.kind).decided({ parent, complete: complete(edge, parent, child), tooHigh });
}

function complete({ matching }: PlanEdge, parent: string, child: string): string {
  switch (matching.pick) {
    case 'all':
      return `${child} has a key that is too high to match`;
    case 'last':
      return `${child} has a key above that of the ${parent}`;
    case 'first': {
      const match = `${child} has a match at or after the ${parent}`;
      return matching.high(0) === Number.POSITIVE_INFINITY ? match : `${match}, or a key beyond the tolerance`;
    }
    case 'nearest':
      return `${child} has a key beyond which none can be nearer`;
  }
}
