import type { MessageClass } from '../../../base/class.js';
import { listed } from '../../../base/shown-text.js';
import { WaterMillError } from '../../../base/watermill-error.js';
import type { Expression } from '../../../expressions/expression.js';
import { toExpression } from '../../../expressions/to-expression.js';
import { distanceType } from '../../../expressions/value-type.js';
import { checkClass, checkOrder } from '../../../joins/key-checks.js';
import type { WindowDescription } from '../../../joins/windows/window.js';
import { kindOf } from '../../../joins/windows/window-kinds.js';
import type { TreeNode } from '../find/tree-nodes.js';
import type { InputOptions } from '../input-options.js';
import { checkNames } from '../option-checks.js';
import type { OrderPolicy } from '../plan.js';
import { wrongInput } from './wrong-input.js';

/** The policy for elements out of order, from the node's `inputs`. */
export function orderPolicy(
  whose: string,
  order: NonNullable<InputOptions<any>['order']>,
  node: TreeNode,
  nodes: readonly TreeNode[],
  window: WindowDescription | undefined,
): OrderPolicy {
  if (order === 'fail' || order === 'skip') return { policy: order };
  const expected = "'fail', 'skip', { skip: true, late } or { slack, late, by }";
  if (typeof order !== 'object' || order === null) throw wrongInput(`${whose}: order`, expected, order);
  checkNames(order, ['skip', 'slack', 'late', 'by'], `${whose}: order`);
  if ('slack' in order && !('skip' in order)) return slackPolicy(whose, order, node, orderedKeys(node, nodes, window));
  if ('skip' in order && order.skip === true && !('slack' in order) && !('by' in order)) return { policy: 'skip' };
  throw wrongInput(`${whose}: order`, expected, order);
}

type Slack = Extract<InputOptions<any>['order'], { readonly slack: unknown }>;

function slackPolicy(whose: string, order: Slack, node: TreeNode, keys: readonly Expression<any, any>[]): OrderPolicy {
  const { slack } = order;
  if ((typeof slack !== 'number' && typeof slack !== 'bigint') || !(slack >= 0) || slack === Number.POSITIVE_INFINITY) {
    throw wrongInput(`${whose}: slack`, 'a number or bigint, zero or more', slack);
  }
  const by = order.by === undefined ? keys[0] : toExpression(order.by, `${whose}: by`);
  if (by === undefined) {
    throw new WaterMillError(
      'WM_INPUTS',
      `${whose}: slack reorders by a key that must not decrease, and ${node.name} has none. Name one with by.`,
    );
  }
  if (order.by === undefined && keys.length > 1) {
    throw new WaterMillError(
      'WM_INPUTS',
      `${whose}: slack reorders by one key, and ${node.name} has ${keys.length}: ${listed(keys.map(String))}. ` +
        'Say which with by; the others must then not decrease in that order.',
    );
  }
  checkClass(by, node.message, `${whose}: by`);
  checkOrder(by, `${whose}: by`);
  const distance = distanceType(by.valueType);
  if (distance === false || (distance !== undefined && distance !== typeof slack)) {
    throw wrongInput(
      `${whose}: slack`,
      `${distance === false ? 'a number, bigint or Date key' : `a ${distance}`}, to go with ${by}`,
      slack,
    );
  }
  return { policy: 'slack', slack, by };
}

/** The keys of a node that must not decrease, each once. */
function orderedKeys(
  node: TreeNode,
  nodes: readonly TreeNode[],
  window: WindowDescription | undefined,
): Expression<any, any>[] {
  const above = nodes.flatMap((each) => each.edges).find((edge) => edge.child === node.index);
  const keys = [...(above ? [above.right] : []), ...node.edges.map((edge) => edge.left)];
  if (node.index === 0 && window !== undefined && 'key' in window && kindOf(window).key === 'ordered')
    keys.push(window.key);
  // Functions print alike, and may differ.
  return keys.filter((key, i) => keys.findIndex((other) => other === key || (key.of && `${other}` === `${key}`)) === i);
}

/** The class that late elements are written as. */
export function lateClass(order: InputOptions<any>['order']): MessageClass<any> | undefined {
  return typeof order === 'object' ? order.late : undefined;
}
