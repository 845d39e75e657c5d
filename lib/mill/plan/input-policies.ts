import type { Class, MessageClass } from '../../base/class.js';
import { WaterMillError } from '../../base/watermill-error.js';
import type { Expression } from '../../expressions/expression.js';
import { toExpression } from '../../expressions/to-expression.js';
import { distanceType } from '../../expressions/value-type.js';
import { checkClass, checkOrder } from '../../joins/key-checks.js';
import type { WindowDescription } from '../../joins/window.js';
import type { OrderPolicy } from '../lane/lane-spec.js';
import { describeValue, listed } from './in-words.js';
import type { InputOptions } from './input-options.js';
import { checkNames } from './mill-options.js';
import type { IdlePolicy } from './plan.js';
import type { TreeNode } from './tree-nodes.js';

/** What a failing message or call does, as it was given. */
export type FailureOption = 'fail' | 'skip' | { readonly deadLetter: MessageClass<any> };

/** What `inputs` says of one node, checked; classes that are written are not yet outputs. */
export interface InputPolicies {
  readonly order: OrderPolicy;
  readonly late: MessageClass<any> | undefined;
  readonly onBadMessage: FailureOption;
  readonly idle: IdlePolicy;
}

const defaults: InputPolicies = { order: { policy: 'fail' }, late: undefined, onBadMessage: 'fail', idle: undefined };

/** The policies of every node, in the nodes' order. */
export function findPolicies(
  inputs: unknown,
  nodes: readonly TreeNode[],
  window: WindowDescription | undefined,
): InputPolicies[] {
  const policies = nodes.map(() => defaults);
  if (inputs === undefined) return policies;
  if (!Array.isArray(inputs))
    throw wrong('inputs', 'an array of entries [Class, { order, onBadMessage, idle }]', inputs);
  for (const entry of inputs) {
    const [message, options] = Array.isArray(entry) ? entry : [entry, undefined];
    const node = nodeOf(message, nodes);
    if (policies[node.index] !== defaults) {
      throw new WaterMillError('WM_INPUTS', `inputs: there are two entries for ${node.name}. Make one of them.`);
    }
    policies[node.index] = policiesOf(node, options, nodes, window);
  }
  return policies;
}

function nodeOf(message: unknown, nodes: readonly TreeNode[]): TreeNode {
  const node = nodes.find((each) => each.message === (message as Class));
  if (node !== undefined) return node;
  const names = listed(nodes.map((each) => each.name));
  throw wrong('inputs', `entries [Class, options] of classes that are read (${names})`, message);
}

function policiesOf(node: TreeNode, given: unknown, nodes: readonly TreeNode[], window: WindowDescription | undefined) {
  const whose = `inputs: the entry of ${node.name}`;
  if (typeof given !== 'object' || given === null) throw wrong(whose, 'an object of options', given);
  checkNames(given, ['order', 'onBadMessage', 'idle'], whose);
  const options = given as InputOptions<any>;
  return {
    order: orderPolicy(whose, options.order ?? 'fail', node, nodes, window),
    late: lateClass(options.order),
    onBadMessage: failureOption(`${whose}: onBadMessage`, options.onBadMessage ?? 'fail'),
    idle: idlePolicy(whose, options.idle),
  };
}

function lateClass(order: InputOptions<any>['order']): MessageClass<any> | undefined {
  return typeof order === 'object' ? order.late : undefined;
}

function orderPolicy(
  whose: string,
  order: NonNullable<InputOptions<any>['order']>,
  node: TreeNode,
  nodes: readonly TreeNode[],
  window: WindowDescription | undefined,
): OrderPolicy {
  if (order === 'fail' || order === 'skip') return { policy: order };
  const expected = "'fail', 'skip', { skip: true, late } or { slack, late, by }";
  if (typeof order !== 'object' || order === null) throw wrong(`${whose}: order`, expected, order);
  checkNames(order, ['skip', 'slack', 'late', 'by'], `${whose}: order`);
  if ('slack' in order && !('skip' in order)) return slackPolicy(whose, order, node, orderedKeys(node, nodes, window));
  if ('skip' in order && order.skip === true && !('slack' in order) && !('by' in order)) return { policy: 'skip' };
  throw wrong(`${whose}: order`, expected, order);
}

type Slack = Extract<InputOptions<any>['order'], { readonly slack: unknown }>;

function slackPolicy(whose: string, order: Slack, node: TreeNode, keys: readonly Expression<any, any>[]): OrderPolicy {
  const { slack } = order;
  if ((typeof slack !== 'number' && typeof slack !== 'bigint') || !(slack >= 0) || slack === Number.POSITIVE_INFINITY) {
    throw wrong(`${whose}: slack`, 'a number or bigint, zero or more', slack);
  }
  const by = order.by === undefined ? keys[0] : toExpression(order.by, `${whose}: by`);
  if (by === undefined)
    throw wrong(`${whose}: slack`, 'a node with an ordered key; this one has none, so name one with by', 'none');
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
    throw wrong(
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
  if (node.index === 0 && window !== undefined && 'key' in window && window.type !== 'expression')
    keys.push(window.key);
  // Functions print alike, and may differ.
  return keys.filter((key, i) => keys.findIndex((other) => other === key || (key.of && `${other}` === `${key}`)) === i);
}

/** `'fail'`, `'skip'` or a dead letter's class. */
export function failureOption(place: string, given: unknown): FailureOption {
  if (given === 'fail' || given === 'skip') return given;
  if (typeof given === 'object' && given !== null && 'deadLetter' in given) {
    checkNames(given, ['deadLetter'], place);
    return given as { deadLetter: MessageClass<any> };
  }
  throw wrong(place, "'fail', 'skip' or { deadLetter: Class }", given);
}

function idlePolicy(whose: string, given: InputOptions<any>['idle']): IdlePolicy {
  if (given === undefined) return undefined;
  if (typeof given !== 'object' || given === null)
    throw wrong(`${whose}: idle`, "{ afterMs, then: 'wait' | 'end' | 'ignore' }", given);
  checkNames(given, ['afterMs', 'then'], `${whose}: idle`);
  if (!(given.afterMs > 0)) throw wrong(`${whose}: idle.afterMs`, 'a number of milliseconds above zero', given.afterMs);
  if (!['wait', 'end', 'ignore'].includes(given.then))
    throw wrong(`${whose}: idle.then`, "'wait', 'end' or 'ignore'", given.then);
  return Object.freeze({ ...given });
}

function wrong(place: string, expected: string, found: unknown): WaterMillError {
  const shown =
    typeof found === 'object' && found !== null && !Array.isArray(found)
      ? `{ ${Object.keys(found).join(', ')} }`
      : describeValue(found);
  return new WaterMillError('WM_INPUTS', `${place}: expected ${expected}, found ${shown}.`, { expected, found: shown });
}
