import { WaterMillError } from '../../../base/watermill-error.js';
import type { StreamEntry } from '../../../brokers/broker.js';
import type { TreeNode } from '../find/tree-nodes.js';
import type { OrderPolicy } from '../plan.js';

/** Throws for a join over an unordered stream, unless its elements are reordered under a slack. */
export function refuseUnordered(node: TreeNode, { label, unordered }: StreamEntry, order: OrderPolicy): void {
  if (unordered !== true || order.policy === 'slack') return;
  throw new WaterMillError(
    'WM_INPUTS',
    `${node.name} is joined, and ${label} delivers its elements in no order of keys. ` +
      `Put them in order: inputs: [[${node.name}, { order: { slack: … } }]]; or read a stream that keeps its order.`,
    { message: node.name, stream: label, expected: 'order: { slack }', found: order.policy },
  );
}
