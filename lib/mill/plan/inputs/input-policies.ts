import type { Class, MessageClass } from '../../../base/class.js';
import type { ErrorCode } from '../../../base/codes.js';
import { namesakeAdvice } from '../../../base/namesake.js';
import { listed } from '../../../base/shown-text.js';
import { WaterMillError } from '../../../base/watermill-error.js';
import type { WindowDescription } from '../../../joins/windows/window.js';
import type { TreeNode } from '../find/tree-nodes.js';
import type { InputOptions } from '../input-options.js';
import { checkNames } from '../option-checks.js';
import { inputOptions } from '../option-places.js';
import type { IdlePolicy, LagPolicy, OrderPolicy } from '../plan.js';
import { lagPolicy } from './lag-policy.js';
import { lateClass, orderPolicy } from './order-policy.js';
import { wrongInput } from './wrong-input.js';

/** What to do with a failing message or call, as given by the user. */
export type FailureOption = 'fail' | 'skip' | { readonly deadLetter: MessageClass<any> };

/** The checked policies of one node; classes that are written are not outputs yet. */
export interface InputPolicies {
  readonly order: OrderPolicy;
  readonly late: MessageClass<any> | undefined;
  readonly onBadMessage: FailureOption;
  readonly idle: IdlePolicy;
  readonly lag: LagPolicy | undefined;
}

const defaults: InputPolicies = {
  order: { policy: 'fail' },
  late: undefined,
  onBadMessage: 'fail',
  idle: undefined,
  lag: undefined,
};

/** The policies of every node, in the order of the nodes. */
export function findPolicies(
  inputs: unknown,
  nodes: readonly TreeNode[],
  window: WindowDescription | undefined,
): InputPolicies[] {
  const policies = nodes.map(() => defaults);
  if (inputs === undefined) return policies;
  if (!Array.isArray(inputs))
    throw wrongInput('inputs', 'an array of entries [Class, { order, onBadMessage, idle, lag }]', inputs);
  for (const entry of inputs) {
    if (!Array.isArray(entry)) throw wrongInput('inputs', 'entries that are arrays, inputs: [[Class, { … }]]', entry);
    const [message, options] = entry;
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
  const advice = namesakeAdvice(
    message,
    nodes.map((each) => each.message),
  );
  throw wrongInput(
    'inputs',
    `entries [Class, options] of classes that are read (${names})`,
    message,
    'WM_INPUTS',
    advice,
  );
}

function policiesOf(node: TreeNode, given: unknown, nodes: readonly TreeNode[], window: WindowDescription | undefined) {
  const whose = `inputs: the entry of ${node.name}`;
  if (typeof given !== 'object' || given === null) throw wrongInput(whose, 'an object of options', given);
  checkNames(given, inputOptions.names, whose);
  const options = given as InputOptions<any>;
  const { order: wanted = 'fail', onBadMessage = 'fail' } = options;
  const order = orderPolicy(whose, wanted, node, nodes, window);
  const idle = idlePolicy(whose, options.idle);
  if (idle?.then === 'ignore') checkIgnored(whose, node, order);
  return {
    order,
    late: lateClass(wanted),
    onBadMessage: failureOption(`${whose}: onBadMessage`, onBadMessage),
    idle,
    lag: lagPolicy(whose, options.lag, node, nodes),
  };
}

/** Elements after a stream was ignored are late, so its policy must skip late elements. */
function checkIgnored(whose: string, node: TreeNode, order: OrderPolicy): void {
  if (node.index === 0) {
    throw new WaterMillError(
      'WM_INPUTS',
      `${whose}: idle.then 'ignore' means not to wait for a stream, and ${node.name} is the master: without it there is nothing to do. Use 'wait' or 'end'.`,
      { message: node.name, expected: "'wait' or 'end'", found: "'ignore'" },
    );
  }
  if (order.policy === 'skip') return;
  throw new WaterMillError(
    'WM_INPUTS',
    `${whose}: with idle.then 'ignore', elements that arrive after all are late; here they would ${order.policy === 'fail' ? 'fail the run' : 'break the order that slack makes'}. Add order: 'skip', or { skip: true, late: Class } to keep them.`,
    { message: node.name, expected: "order: 'skip'", found: `'${order.policy}'` },
  );
}

/** `'fail'`, `'skip'` or the class of a dead letter. */
export function failureOption(place: string, given: unknown, code: ErrorCode = 'WM_INPUTS'): FailureOption {
  if (given === 'fail' || given === 'skip') return given;
  if (typeof given === 'object' && given !== null && 'deadLetter' in given) {
    checkNames(given, ['deadLetter'], place);
    return given as { deadLetter: MessageClass<any> };
  }
  throw wrongInput(place, "'fail', 'skip' or { deadLetter: Class }", given, code);
}

function idlePolicy(whose: string, given: InputOptions<any>['idle']): IdlePolicy {
  if (given === undefined) return undefined;
  if (typeof given !== 'object' || given === null)
    throw wrongInput(`${whose}: idle`, "{ afterMs, then: 'wait' | 'end' | 'ignore' }", given);
  checkNames(given, ['afterMs', 'then'], `${whose}: idle`);
  if (!(given.afterMs > 0))
    throw wrongInput(`${whose}: idle.afterMs`, 'a number of milliseconds above zero', given.afterMs);
  if (!['wait', 'end', 'ignore'].includes(given.then))
    throw wrongInput(`${whose}: idle.then`, "'wait', 'end' or 'ignore'", given.then);
  return Object.freeze({ ...given });
}
