import { shownText } from '../../../base/shown-text.js';
import { counted, printToken } from '../in-words.js';
import { failureText, idleText, orderText } from '../inputs/policy-words.js';
import type { ParameterPlan, Plan, PlanEdge, PlanNode } from '../plan.js';
import { edgeDecision } from './edge-decision.js';
import { edgeMemory, edgeRestart } from './edge-memory.js';
import { edgeSql } from './edge-sql.js';
import { edgeCondition, edgesOf, namesOf } from './edge-words.js';
import { inputText, outputText } from './stream-text.js';
import { windowMemory, windowRestart, windowText } from './window-text.js';

/** A plan as plain text, to read and to paste into an issue. */
export function explainText(plan: Plan): string {
  const edges = edgesOf(plan);
  const sections = [
    [`Process: ${plan.process.name}`, ...processLines(plan, edges)],
    ['Streams:', ...plan.nodes.flatMap(nodeLines(plan))],
    ...(edges.length > 0 ? [['Edges:', ...edges.flatMap((edge, i) => edgeLines(plan, edge, i + 1))]] : []),
    ...windowSections(plan),
    ...tableSections(plan),
    ['Results:', ...resultLines(plan)],
    reproducibilityLines(plan),
  ];
  return `${sections.map((lines) => lines.map(shownLine).join('\n')).join('\n\n')}\n`;
}

const longestLine = 2_000;

/** Names of files, classes and functions are the user's: they may have line breaks, or control a terminal. */
function shownLine(line: string): string {
  return shownText(line, longestLine);
}

function processLines(plan: Plan, edges: readonly PlanEdge[]): string[] {
  const { parameters, unmatched, atEnd, onError, concurrency, made } = plan.process;
  return [
    ...parameters.map((parameter, i) => `  parameter ${i + 1}: ${parameterText(plan, parameter, edges)}`),
    ...(made?.lines ?? []).map((line, i) => `  step ${i + 1}: ${line}`),
    ...unmatched.map(({ node, name }) => `  ${plan.nodes[node]!.name} in no group: ${name}`),
    `  called: ${callMoment(plan)}`,
    ...(concurrency === 1 ? [] : [`  in progress at once: up to ${concurrency} async calls of a lane`]),
    ...(atEnd === undefined ? [] : [`  when the streams have ended: ${atEnd.name}, once in each lane`]),
    `  a call that throws: ${failureText(plan, onError)}`,
  ];
}

function parameterText(plan: Plan, parameter: ParameterPlan, edges: readonly PlanEdge[]): string {
  const master = plan.nodes[0]!.name;
  switch (parameter.what) {
    case 'master':
      if (plan.fold !== undefined) return 'what the elements of the window were folded into';
      return plan.window === undefined ? `${master}, the master element` : `${master}[], the elements of the window`;
    case 'joined': {
      const edge = plan.nodes[parameter.parent]!.edges[parameter.edge]!;
      return `Joined<${namesOf(plan, edge).join(', ')}>, the groups of edge ${edges.indexOf(edge) + 1}`;
    }
    case 'bounds':
      return 'WindowBounds, with each call';
    case 'origin':
      return `Origin, with each call: where ${plan.window === undefined ? 'the element' : 'the first element of the window'} came from`;
    case 'dataKey':
      return 'DataKey, with each call: it stays open until its results are saved';
    case 'table':
      return `${plan.tables[parameter.table]!.name}, the lane's table`;
    case 'injected':
      return `${printToken(parameter.token)}, from the container, resolved once`;
  }
}

function callMoment({ nodes, window }: Plan): string {
  const { name, edges } = nodes[0]!;
  if (window !== undefined) return `with each window of ${name}, in order, as soon as it closes`;
  return `with each ${name}, in order, as soon as ${edges.length > 0 ? 'all its edges are decided' : 'it arrives'}`;
}

function nodeLines(plan: Plan): (node: PlanNode) => string[] {
  return (node) => [
    `  ${node.name}${node.index === 0 ? ', the master' : ''}: ${inputText(plan, node)}`,
    `    out of order: ${orderText(plan, node)}`,
    `    unreadable: ${failureText(plan, node.onBadMessage)}`,
    `    silent: ${idleText(node)}`,
    ...(node.lag === undefined
      ? []
      : [`    behind ${plan.nodes[node.lag.behind]?.name} by more than ${node.lag.threshold}: reported`]),
  ];
}

function edgeLines(plan: Plan, edge: PlanEdge, number: number): string[] {
  const [parent, child] = namesOf(plan, edge);
  const restart = edgeRestart(plan, edge);
  return [
    `  edge ${number}: ${parent} to ${child}, ${edge.kind}: ${edgeCondition(edge)}`,
    `    SQL: ${edgeSql(plan, edge)}`,
    `    decided: ${edgeDecision(plan, edge)}`,
    `    in memory: ${edgeMemory(plan, edge)}`,
    ...(restart === undefined ? [] : [`    restart: ${restart}`]),
  ];
}

function windowSections(plan: Plan): string[][] {
  if (plan.window === undefined) return [];
  return [
    [
      `Window on ${plan.nodes[0]!.name}: ${windowText(plan)}`,
      `  in memory: ${windowMemory(plan)}`,
      `  restart: ${windowRestart(plan)}`,
    ],
  ];
}

function resultLines(plan: Plan): string[] {
  const lines = plan.outputs.map((output) => `  ${output.message.name}: ${outputText(plan, output)}`);
  return lines.length > 0 ? lines : ['  none, side effects only'];
}

function reproducibilityLines({ clockUses, fingerprint }: Plan): string[] {
  const verdict =
    clockUses.length === 0
      ? 'Reproducible: the results do not depend on timing.'
      : `Not reproducible: the clock affects the results in ${counted(clockUses.length, 'place')}:`;
  return [verdict, ...clockUses.map((use) => `  ${use}`), `Fingerprint: ${fingerprint}`];
}

function tableSections({ tables }: Plan): string[][] {
  if (tables.length === 0) return [];
  const lines = tables.flatMap(({ name, message, key, store, expires }) => [
    `  ${name}: the latest ${message.name} of each ${key}`,
    `    ${store === 'disk' ? 'on disk, what was used last in memory' : 'in memory'}: all that is kept; ${expires === undefined ? 'unbounded where keys are, delete() bounds it' : `until ${expires.text}`}`,
    `    restart: reads the changes that ${store === 'disk' ? 'the store on disk lacks' : 'were kept'}, then the streams from the last commit on`,
  ]);
  return [['Tables:', ...lines]];
}
