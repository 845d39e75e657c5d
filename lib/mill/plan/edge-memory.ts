import { givesGroups } from '../../joins/join-kind.js';
import type { Plan, PlanEdge } from './plan.js';

/** What must come before a parent element's match on this edge is known. */
export function edgeWaiting(plan: Plan, edge: PlanEdge): string {
  const parent = plan.nodes[edge.parent]!.name;
  const child = plan.nodes[edge.child]!.name;
  const end = `or ${child} ends`;
  const decided = {
    all: `a higher ${child} key shows that its group is complete, ${end}`,
    last: `a later ${child} key shows which one is the last at or before it, ${end}`,
    first: `the first ${child} at or after it comes, ${end}`,
    nearest: `the first ${child} at or after it comes, ${end}`,
  }[edge.matching.pick];
  const proven = `none can match any more, ${end}`;
  const until = {
    inner: decided,
    left: `${decided}; without a match, until ${proven}`,
    semi: `the first match comes, until ${proven}`,
    anti: `a match comes, until ${proven}`,
  }[edge.kind];
  return `${parent} waits for ${child} until ${until}; ${child} is read no further than that`;
}

/** What is held in memory for this edge, and until when. */
export function edgeMemory(plan: Plan, edge: PlanEdge): string {
  const parent = plan.nodes[edge.parent]!;
  const child = plan.nodes[edge.child]!;
  const below = child.edges.some(({ kind }) => givesGroups(kind)) ? ', each with the groups below it' : '';
  const held = [`${heldElements(edge, parent.name, child.name)}${below}`];
  if (edge.unmatched) held.push(`${child.name} elements in no group, until a ${parent.name} leaves them behind`);
  if (plan.window !== undefined && givesGroups(edge.kind)) held.push('groups of the open window, until it closes');
  return held.join('; ');
}

function heldElements({ matching, on }: PlanEdge, parent: string, child: string): string {
  const passed = `until a ${parent} key leaves them behind`;
  const isOpenBehind = matching.endless;
  if (matching.pick === 'all') {
    return matching.name === 'equal'
      ? `the ${child} elements that match the ${parent} in work, ${passed}`
      : `the ${child} elements inside the band of the ${parent} in work, ${passed}`;
  }
  if (matching.pick === 'last' || isOpenBehind) {
    const each = on.length > 0 ? `the last ${child} for each value of its "on" keys` : `the last ${child}`;
    const limit = isOpenBehind
      ? 'until a later one takes its place'
      : 'until a later one takes its place or the tolerance has passed';
    return matching.pick === 'last'
      ? `${each}, ${limit}`
      : `${each} before the ${parent} in work, and the first at or after it, ${limit}`;
  }
  if (on.length > 0) return `all ${child} elements inside the tolerance, ${passed}`;
  return matching.pick === 'first'
    ? `the first ${child} at or after the ${parent} in work, until the ${parent} key passes it`
    : `the ${child} elements before and after the ${parent} in work, until nearer ones take their places`;
}
