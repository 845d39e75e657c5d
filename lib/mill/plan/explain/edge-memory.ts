import { hasGroups } from '../../../joins/join-kind.js';
import type { Plan, PlanEdge } from '../plan.js';

/**
 * Describes the elements in memory for this edge, and for how long. "One ahead" is the element that shows that no more
 * can match. Memory that only the data limits is called unbounded, with the option that bounds it.
 */
export function edgeMemory(plan: Plan, edge: PlanEdge): string {
  const parent = plan.nodes[edge.parent]!;
  const child = plan.nodes[edge.child]!;
  const below = child.edges.some(({ kind }) => hasGroups(kind)) ? ', each with the groups below it' : '';
  const held = [`${heldElements(edge, parent.name, child.name)}${below}`];
  if (edge.unmatched) held.push(`${child.name} elements in no group, until ${parent.name} keys have passed them`);
  if (plan.window !== undefined && hasGroups(edge.kind)) held.push('groups of the open windows, until they close');
  return held.join('; ');
}

/**
 * Describes how far back a restart reads because of this edge; undefined if that is no more than the elements in
 * memory.
 */
export function edgeRestart(plan: Plan, { matching, child }: PlanEdge): string | undefined {
  if (!matching.endless) return undefined;
  const { name, edges } = plan.nodes[child]!;
  const below = edges.length > 0 ? ', and what is below it,' : '';
  return `reads ${name}${below} from the oldest element still held; unbounded, a tolerance bounds it`;
}

function heldElements(edge: PlanEdge, parent: string, child: string): string {
  const { matching } = edge;
  const passed = `until ${parent} keys have passed them`;
  switch (matching.pick) {
    case 'all': {
      const band = matching.name === 'equal' ? 'with the key' : 'inside the band';
      const excluded = edge.on.length > 0 ? ' (also those that "on" excludes)' : '';
      return `the ${child} elements ${band} of the current ${parent}${excluded}, and one ahead; ${passed}`;
    }
    case 'last':
      return `${heldBefore(edge, parent, child)}, and one ahead; ${replaced(edge)}`;
    case 'first':
      return edge.on.length > 0
        ? `${heldAhead(edge, parent, child)}; ${passed}`
        : `the first ${child} at or after the current ${parent}; until ${parent} keys have passed it`;
    case 'nearest':
      return edge.on.length > 0
        ? `${heldBefore(edge, parent, child)}, ${replaced(edge)}; ${heldAhead(edge, parent, child)}, ${passed}`
        : `the last ${child} before the current ${parent}, and the first at or after it; ${passed}`;
  }
}

function heldBefore({ matching, on }: PlanEdge, parent: string, child: string): string {
  const place = matching.pick === 'last' ? 'at or before' : 'before';
  if (on.length === 0) return `the last ${child} ${place} the current ${parent}`;
  const each = `the last ${child} for each value of its "on" keys ${place} the current ${parent}`;
  return matching.endless ? `unbounded, a finite tolerance bounds it: ${each}` : each;
}

function replaced({ matching }: PlanEdge): string {
  return `until a later one replaces it${matching.endless ? '' : ' or the tolerance has passed'}`;
}

/** With `on`, elements ahead that do not belong to this parent element may belong to the next. */
function heldAhead({ matching }: PlanEdge, parent: string, child: string): string {
  return matching.high(0) === Number.POSITIVE_INFINITY
    ? `unbounded, a finite tolerance bounds it: the ${child} elements ahead of the current ${parent}, up to the one that it matches`
    : `the ${child} elements from the current ${parent} to the end of its tolerance, and one ahead`;
}
