import { givesGroups } from '../../joins/join-kind.js';
import type { Plan, PlanEdge } from './plan.js';

/** What must come before it is known whether, and what, a parent element matches on this edge. */
export function edgeWaiting(plan: Plan, edge: PlanEdge): string {
  const parent = plan.nodes[edge.parent]!.name;
  const child = plan.nodes[edge.child]!.name;
  const decided = {
    all: `${child} has a key that is too high to match`,
    last: `${child} has a key above its own`,
    first: `${child} has a key at or above its own`,
    nearest: `${child} has a key at or above its own`,
  }[edge.matching.pick];
  const until = {
    inner: decided,
    left: `${decided}, which proves absence as well`,
    semi: 'it has a match, or none can come any more',
    anti: 'it has a match and is dropped, or none can come any more',
  }[edge.kind];
  return `${parent} waits for ${child} until ${until}, or ${child} ends; ${child} is read no further than that`;
}

/** What is held in memory for this edge, and until when. */
export function edgeMemory(plan: Plan, edge: PlanEdge): string {
  const parent = plan.nodes[edge.parent]!;
  const child = plan.nodes[edge.child]!;
  const below = child.edges.some(({ kind }) => givesGroups(kind)) ? ', each with the groups below it' : '';
  const held = [`${heldElements(edge, parent.name, child.name)}${below}`];
  if (edge.unmatched) held.push(`${child.name} elements in no group, until ${parent.name} keys leave them behind`);
  if (plan.window !== undefined && givesGroups(edge.kind)) held.push('groups of the open window, until it closes');
  return held.join('; ');
}

function heldElements({ matching, on }: PlanEdge, parent: string, child: string): string {
  const passed = `until ${parent} keys leave them behind`;
  if (matching.name === 'equal') return `the ${child} elements that match the ${parent} in work, ${passed}`;
  if (matching.pick === 'all') return `the ${child} elements inside the band of the ${parent} in work, ${passed}`;
  const replaced = `until a later one takes its place${matching.endless ? '' : ' or the tolerance has passed'}`;
  if (matching.pick === 'last') {
    return `the last ${child}${on.length > 0 ? ' for each value of its "on" keys' : ''}, ${replaced}`;
  }
  if (on.length > 0) return `all ${child} elements inside the tolerance, ${passed}`;
  const ahead = `the first ${child} at or after the ${parent} in work`;
  if (matching.pick === 'first') return `${ahead}, until ${parent} keys pass it`;
  return `the last ${child} before the ${parent} in work, and the first at or after it, until ${parent} keys pass them`;
}
