import { createHash } from 'node:crypto';
import type { WindowDescription } from '../../joins/windows/window.js';
import { schemaOf } from '../../messages/schema.js';
import type { OrderPolicy, Plan, PlanEdge, PlanNode, PlanTable } from './plan.js';

/**
 * A short text that is equal for plans with compatible commits: the same nodes, edges, window, order policies and
 * tables, as they print. It does not depend on class identities and source texts, which change with every build; a
 * function counts as `function`.
 */
export function fingerprintOf(
  nodes: readonly PlanNode[],
  { window, fold }: Pick<Plan, 'window' | 'fold'>,
  tables: readonly PlanTable[],
): string {
  const parts: unknown[] = [nodes.map(describeNode), window === undefined ? null : describeWindow(window)];
  if (tables.length > 0) parts.push(tables.map(describeTable).sort());
  if (fold !== undefined) parts.push('folded');
  const description = JSON.stringify(parts);
  return createHash('sha256').update(description).digest('hex').slice(0, 16);
}

function describeNode(node: PlanNode): unknown {
  return [node.name, describeOrder(node.order), node.edges.map(describeEdge)];
}

function describeEdge(edge: PlanEdge): unknown {
  const { child, kind, matching, left, right, on, unmatched } = edge;
  const keys = on.map(([a, b]) => [String(a), String(b)]);
  return [child, kind, matching.name, matching.describe(String(left), String(right)), keys, unmatched];
}

/** Tables are identified by their names: their order among the parameters does not matter. */
function describeTable({ name, message, key }: PlanTable): string {
  return JSON.stringify([name, schemaOf(message).name, key]);
}

function describeOrder(order: OrderPolicy): unknown {
  return order.policy === 'slack' ? [order.policy, String(order.slack), String(order.by)] : [order.policy];
}

function describeWindow(window: WindowDescription): unknown {
  const parts = Object.entries(window).filter(([, value]) => typeof value !== 'function' && value !== undefined);
  return parts.map(([name, value]) => [name, String(value)]);
}
