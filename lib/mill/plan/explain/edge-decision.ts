import type { Plan, PlanEdge } from '../plan.js';

/** The moment in which it is known whether, and what, a parent element matches on this edge: never earlier, never later. */
export function edgeDecision(plan: Plan, edge: PlanEdge): string {
  const parent = plan.nodes[edge.parent]!.name;
  const child = plan.nodes[edge.child]!.name;
  const passed = `${child} has a key that is too high to match`;
  switch (edge.kind) {
    case 'inner':
      return `as soon as ${complete(edge, parent, child)}, or has ended`;
    case 'left':
      return `as soon as ${complete(edge, parent, child)}, or has ended; that proves absence as well`;
    case 'semi':
      return `as soon as a match is there; absence as soon as ${passed}, or has ended`;
    case 'anti':
      return `as soon as a match is there, which drops the ${parent}; absence as soon as ${passed}, or has ended`;
  }
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
