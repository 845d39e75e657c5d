import { createHash } from 'node:crypto';
import type { OrderPolicy, PlanEdge, PlanNode, PlanOutline, PlanTable } from '../plan.js';
import { edgeCondition } from './edge-words.js';
import { type Windowed, windowText } from './window-text.js';

/** Limited, since a commit carries it, and may be kept where space is scarce. */
const longest = 400;

/**
 * The parts of a plan that must fit a commit. Long texts are replaced by digests; if that is still too long, undefined.
 * Commits store these texts: a new wording of a window, an edge or an order makes mills refuse the progress they have.
 */
export function outlineOf(
  nodes: readonly PlanNode[],
  windowed: Windowed,
  tables: readonly PlanTable[],
): PlanOutline | undefined {
  const parts: Record<string, string> = {};
  for (const node of nodes) {
    parts[node.name] = orderWords(node.order);
    for (const edge of node.edges) parts[`${node.name} to ${nodes[edge.child]?.name}`] = edgeWords(edge);
  }
  if (windowed.window !== undefined) parts.window = windowText(windowed);
  for (const { name, message, key } of tables) parts[`table ${name}`] = `${message.name} by ${key}`;
  return [parts, digested(parts)].find((each) => JSON.stringify(each).length <= longest);
}

/** The differences between two plans, as a clause each. */
export function outlineDifference(before: PlanOutline, now: PlanOutline): string[] {
  const differences: string[] = [];
  for (const part of new Set([...Object.keys(before), ...Object.keys(now)])) {
    const [was, is] = [before[part], now[part]];
    if (was === is) continue;
    if (is === undefined) differences.push(`${part} is no longer there`);
    else if (was === undefined) differences.push(`${part} is new (${is})`);
    else differences.push(isDigest(was) ? `${part} has changed` : `${part} was ${was}, and is ${is}`);
  }
  return differences;
}

function orderWords(order: OrderPolicy): string {
  return order.policy === 'slack' ? `order with a slack of ${order.slack} by ${order.by}` : `order ${order.policy}`;
}

function edgeWords(edge: PlanEdge): string {
  return `${edge.kind}, ${edgeCondition(edge)}${edge.unmatched ? ', with its unmatched elements' : ''}`;
}

function digested(parts: PlanOutline): PlanOutline {
  const digest = (text: string): string => `#${createHash('sha256').update(text).digest('hex').slice(0, 6)}`;
  return Object.fromEntries(Object.entries(parts).map(([part, text]) => [part, digest(text)]));
}

function isDigest(text: string): boolean {
  return text.startsWith('#');
}
