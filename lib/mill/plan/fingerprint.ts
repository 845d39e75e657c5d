import { createHash } from 'node:crypto';
import type { WindowDescription } from '../../joins/window.js';
import type { OrderPolicy, PlanEdge, PlanNode } from './plan.js';

/**
 * A short text that is equal for plans whose commits fit each other: the same nodes, edges, window and order policies,
 * as they print themselves. It depends on no class identity and no source text, which change with every build; a
 * function counts as `function`.
 */
export function fingerprintOf(nodes: readonly PlanNode[], window: WindowDescription | undefined): string {
  const description = JSON.stringify([nodes.map(describeNode), window === undefined ? null : describeWindow(window)]);
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

function describeOrder(order: OrderPolicy): unknown {
  return order.policy === 'slack' ? [order.policy, String(order.slack), String(order.by)] : [order.policy];
}

function describeWindow(window: WindowDescription): unknown {
  return Object.entries(window).flatMap(([name, value]) => (name === 'onTimeout' ? [] : [[name, String(value)]]));
}
