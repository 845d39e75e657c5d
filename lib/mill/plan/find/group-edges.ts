import { hasGroups } from '../../../joins/join-kind.js';
import type { PlanEdge } from '../plan.js';

/** An edge that has groups, and its index among its parent's edges. */
export interface GroupEdge {
  readonly edge: PlanEdge;
  readonly number: number;
}

/** The edges with a `Joined` each, in the order of the parameters: depth first, none below a semi or anti edge. */
export function groupEdges(nodes: readonly { readonly edges: readonly PlanEdge[] }[], node = 0): GroupEdge[] {
  return nodes[node]!.edges.flatMap((edge, number) =>
    hasGroups(edge.kind) ? [{ edge, number }, ...groupEdges(nodes, edge.child)] : [],
  );
}
