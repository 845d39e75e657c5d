import { edgeMemory, edgeWaiting } from './edge-memory.js';
import { edgeSql } from './edge-sql.js';
import { counted, printToken } from './in-words.js';
import type { FailurePolicy, ParameterPlan, Plan, PlanEdge, PlanNode } from './plan.js';
import { windowText } from './window-text.js';

/** A plan as plain text, to read and to paste into an issue. */
export function explain(plan: Plan): string {
  // Depth first, as the parameters are.
  const edges = plan.nodes.flatMap((node) => node.edges).sort((a, b) => a.child - b.child);
  const sections = [
    [`Process: ${plan.process.name}`, ...processLines(plan, edges)],
    ['Streams:', ...plan.nodes.flatMap(nodeLines(plan))],
    ...(edges.length > 0 ? [['Edges:', ...edges.flatMap((edge, i) => edgeLines(plan, edge, i + 1))]] : []),
    ...(plan.window === undefined ? [] : [[`Window on ${plan.nodes[0]!.name}: ${windowText(plan.window)}`]]),
    ['Results:', ...resultLines(plan)],
    reproducibilityLines(plan),
  ];
  return `${sections.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function processLines(plan: Plan, edges: readonly PlanEdge[]): string[] {
  const { parameters, unmatched, onError } = plan.process;
  return [
    ...parameters.map((parameter, i) => `  parameter ${i + 1}: ${parameterText(plan, parameter, edges)}`),
    ...unmatched.map(({ node, name }) => `  ${plan.nodes[node]!.name} in no group: ${name}`),
    `  a call that throws: ${failureText(plan, onError)}`,
  ];
}

function parameterText(plan: Plan, parameter: ParameterPlan, edges: readonly PlanEdge[]): string {
  const master = plan.nodes[0]!.name;
  switch (parameter.what) {
    case 'master':
      return plan.window === undefined ? `${master}, the master element` : `${master}[], the elements of the window`;
    case 'joined': {
      const edge = plan.nodes[parameter.parent]!.edges[parameter.edge]!;
      return `Joined<${namesOf(plan, edge).join(', ')}>, the groups of edge ${edges.indexOf(edge) + 1}`;
    }
    case 'bounds':
      return 'WindowBounds, with each call';
    case 'injected':
      return `${printToken(parameter.token)}, from the container, resolved once`;
  }
}

function nodeLines(plan: Plan): (node: PlanNode) => string[] {
  return (node) => {
    const { name, input, index, onBadMessage, idle } = node;
    const lines = [`  ${name}${index === 0 ? ', the master' : ''}: ${input.label}`];
    lines.push(`    out of order: ${orderText(plan, node)}`, `    unreadable: ${failureText(plan, onBadMessage)}`);
    if (idle !== undefined) lines.push(`    nothing for ${idle.afterMs} ms: ${idle.then}`);
    return lines;
  };
}

function orderText(plan: Plan, { order, late }: PlanNode): string {
  const to = late === undefined ? '' : `, written to ${plan.outputs[late]!.entry.label}`;
  if (order.policy === 'slack') {
    return `reordered by ${order.by} within ${order.slack}; later ones passed over, counted${to}`;
  }
  return order.policy === 'fail' ? 'fails the run' : `passed over, counted${to}`;
}

function edgeLines(plan: Plan, edge: PlanEdge, number: number): string[] {
  const [parent, child] = namesOf(plan, edge);
  const { kind, matching, left, right, on } = edge;
  const equalities = on.map(([a, b]) => `, ${a} = ${b}`).join('');
  const lines = [
    `  edge ${number}: ${parent} to ${child}, ${kind}: ${matching.describe(String(left), String(right))}${equalities}`,
    `    SQL: ${edgeSql(plan, edge)}`,
    `    waiting: ${edgeWaiting(plan, edge)}`,
    `    in memory: ${edgeMemory(plan, edge)}`,
  ];
  if (matching.endless) {
    lines.push(`    restart: reads ${child} and what is below it from the oldest element still held, however far back`);
  }
  return lines;
}

function resultLines(plan: Plan): string[] {
  const lines = plan.outputs.map(({ message, entry }) => `  ${message.name}: ${entry.label}`);
  return lines.length > 0 ? lines : ['  none, side effects only'];
}

function reproducibilityLines({ clockUses, fingerprint }: Plan): string[] {
  const verdict =
    clockUses.length === 0
      ? 'Reproducible: the results do not depend on timing.'
      : `Not reproducible, the clock has a say in ${counted(clockUses.length, 'place')}:`;
  return [verdict, ...clockUses.map((use) => `  ${use}`), `Fingerprint: ${fingerprint}`];
}

function failureText(plan: Plan, policy: FailurePolicy): string {
  if (policy === 'fail') return 'fails the run';
  return policy === 'skip' ? 'passed over, counted' : `written to ${plan.outputs[policy.output]!.entry.label}`;
}

function namesOf(plan: Plan, edge: PlanEdge): [parent: string, child: string] {
  return [plan.nodes[edge.parent]!.name, plan.nodes[edge.child]!.name];
}
