import { clockUsesOf } from './explain/clock-uses.js';
import { outlineOf } from './explain/plan-outline.js';
import { findAtEnd } from './find/find-at-end.js';
import { findEmits } from './find/find-emits.js';
import { findParameters } from './find/find-parameters.js';
import { findProcess } from './find/find-process.js';
import { findSource } from './find/find-source.js';
import { findInputs, OutputStreams } from './find/find-streams.js';
import { findUnmatched } from './find/find-unmatched.js';
import { FoundTables } from './find/found-tables.js';
import { frontierKeyOf } from './find/frontier-key.js';
import { MillBrokers } from './find/mill-brokers.js';
import { refuseOtherVersionsIn, refuseOtherVersionsInProcess } from './find/other-versions.js';
import { numberNodes, type TreeNode } from './find/tree-nodes.js';
import { fingerprintOf } from './fingerprint.js';
import { type FailureOption, failureOption, findPolicies, type InputPolicies } from './inputs/input-policies.js';
import { refuseUnordered } from './inputs/unordered-input.js';
import type { FailurePolicy, Plan, PlanEdge, PlanNode, ProcessPlan, UnmatchedPlan } from './plan.js';
import { checkMillOptions } from './plan-options.js';
import { checkSettings } from './process-settings.js';

/**
 * Makes a plan from the options of a mill, or throws an error. `furtherOptions` are the names of valid options that the
 * plan does not need.
 */
export function makePlan(given: unknown, furtherOptions: readonly string[] = []): Plan {
  const options = checkMillOptions(given, furtherOptions);
  refuseOtherVersionsIn(given as Readonly<Record<string, unknown>>);
  const process = findProcess(options.process);
  refuseOtherVersionsInProcess(process);
  checkSettings(process, furtherOptions);
  const source = findSource(options, process);
  const tree = numberNodes(source);
  const policies = findPolicies(options.inputs, tree, source.window);
  const tables = new FoundTables(frontierKeyOf(source, policies[0]?.order), source.fold !== undefined);
  const parameters = findParameters(process, source, tree, tables);
  const { unmatched, emits: emitsOfUnmatched } = findUnmatched(process, tree, tables);
  const { atEnd, emits: emitsAtEnd } = findAtEnd(process, tables);
  tables.refuseWithDataKey(process.name, parameters);
  const emits = [...new Set([...findEmits(process), ...emitsOfUnmatched, ...emitsAtEnd])];
  const brokers = new MillBrokers(options.brokers, options.outputBroker, tree[0]!.message);
  const inputs = findInputs(brokers, tree);

  const { name, owner, callee, settings } = process;
  const { concurrency = 1 } = settings;
  const made = process.what === 'function' ? process.made : undefined;
  tables.refuseConcurrency(name, concurrency);
  tables.refuseUnkept(brokers.leader);
  const streams = new OutputStreams(brokers, tree, inputs);
  for (const message of emits) streams.add(message, `which ${name} emits`, made?.keys?.get(message));
  const nodes = tree.map((node, i): PlanNode => {
    const edges = Object.freeze(node.edges.map((edge) => withUnmatched(edge, unmatched)));
    const { broker, entry } = inputs[i]!;
    if (tree.length > 1) refuseUnordered(node, entry, policies[i]!.order);
    return Object.freeze({ ...node, ...policyOf(node, policies[i]!, streams), edges, broker, input: entry });
  });
  const onErrorPlace = `${name}: onError`;
  const onErrorOption = failureOption(onErrorPlace, settings.onError ?? 'fail', 'WM_PROCESS_FUNCTION');
  const onError = failurePolicy(onErrorOption, onErrorPlace, streams);
  return frozenPlan({
    broker: brokers.asOne(nodes, streams.outputs),
    nodes,
    window: source.window,
    fold: source.fold,
    process: { name, owner, callee, parameters, emits, onError, concurrency, unmatched, atEnd, made },
    outputs: streams.outputs,
    tables: tables.all,
    fingerprint: fingerprintOf(nodes, source, tables.all),
    outline: outlineOf(nodes, source, tables.all),
    clockUses: [...clockUsesOf(source.window, nodes), ...(made?.clockUses ?? [])],
  });
}

function withUnmatched(edge: PlanEdge, unmatched: readonly UnmatchedPlan[]): PlanEdge {
  return Object.freeze({ ...edge, unmatched: unmatched.some((each) => each.node === edge.child) });
}

function policyOf(node: TreeNode, policies: InputPolicies, streams: OutputStreams) {
  const { order, late, onBadMessage, idle, lag } = policies;
  return {
    order,
    late: late === undefined ? undefined : streams.addLate(late, node),
    onBadMessage: failurePolicy(onBadMessage, `inputs: onBadMessage of ${node.name}`, streams),
    idle,
    lag,
    mayBeIgnored: idle?.then === 'ignore',
  };
}

function failurePolicy(policy: FailureOption, place: string, streams: OutputStreams): FailurePolicy {
  if (typeof policy === 'string') return policy;
  return Object.freeze({ ...policy, output: streams.addDeadLetter(policy.deadLetter, place) });
}

/** Freezes the parts that belong to the plan; classes, tokens and brokers belong to the user. */
function frozenPlan(plan: Plan): Plan {
  const { parameters, emits, unmatched }: ProcessPlan = plan.process;
  for (const list of [plan.nodes, plan.outputs, plan.tables, plan.clockUses, parameters, emits, unmatched])
    Object.freeze(list);
  Object.freeze(plan.process);
  return Object.freeze(plan);
}
