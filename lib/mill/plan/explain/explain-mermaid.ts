import { shownText } from '../../../base/shown-text.js';
import { failureText, idleText, orderText } from '../inputs/policy-words.js';
import type { FailurePolicy, Plan, PlanEdge, PlanNode } from '../plan.js';
import { edgeDecision } from './edge-decision.js';
import { edgeMemory, edgeRestart } from './edge-memory.js';
import { edgeSql } from './edge-sql.js';
import { edgeCondition, edgesOf } from './edge-words.js';
import { inputText, outputText } from './stream-text.js';
import { windowMemory, windowRestart, windowText } from './window-text.js';

/** A plan as a Mermaid flowchart: from the streams over edges and the window into the process, and to the results. */
export function explainMermaid(plan: Plan): string {
  const entrance = plan.window === undefined ? 'process' : 'window';
  return [
    'flowchart LR',
    ...plan.nodes.map((node) => `node${node.index}[(${label(nodeLines(plan, node))})]`),
    ...edgesOf(plan).map(edgeArrow),
    ...windowLines(plan),
    `node0 --> ${entrance}`,
    `process{{${label([plan.process.name, reproducibility(plan)])}}}`,
    ...unmatchedArrows(plan),
    ...outputLines(plan),
  ]
    .map((line, i) => `${i === 0 ? '' : '  '}${line}\n`)
    .join('');
}

function nodeLines(plan: Plan, node: PlanNode): string[] {
  const edge = edgesOf(plan).find(({ child }) => child === node.index);
  return [
    `${node.name}: ${inputText(plan, node)}`,
    `out of order: ${orderText(plan, node)}`,
    `unreadable: ${failureText(plan, node.onBadMessage)}`,
    `silent: ${idleText(node)}`,
    ...(edge === undefined ? [] : boundLines(plan, edge)),
  ];
}

function boundLines(plan: Plan, edge: PlanEdge): string[] {
  const restart = edgeRestart(plan, edge);
  return [
    `SQL: ${edgeSql(plan, edge)}`,
    `decided: ${edgeDecision(plan, edge)}`,
    `in memory: ${edgeMemory(plan, edge)}`,
    ...(restart === undefined ? [] : [`restart: ${restart}`]),
  ];
}

function edgeArrow(edge: PlanEdge): string {
  return `node${edge.child} -->|${label([edge.kind, edgeCondition(edge)])}| node${edge.parent}`;
}

function windowLines(plan: Plan): string[] {
  if (plan.window === undefined) return [];
  const lines = [windowText(plan), `in memory: ${windowMemory(plan)}`, `restart: ${windowRestart(plan)}`];
  return [`window[[${label(lines)}]]`, 'window --> process'];
}

function unmatchedArrows({ process }: Plan): string[] {
  return process.unmatched.map(({ node }) => `node${node} -.->|${label(['in no group'])}| process`);
}

/** Results, late elements and dead letters, each with its source. */
function outputLines(plan: Plan): string[] {
  const { nodes, outputs, process } = plan;
  return outputs.flatMap((output, i) => {
    const arrows = [
      ...(i < process.emits.length ? [`process --> output${i}`] : []),
      ...(isLetter(process.onError, i) ? [`process -.->|${label(['failed'])}| output${i}`] : []),
      ...nodes.flatMap(({ index, late, onBadMessage }) => [
        ...(late === i ? [`node${index} -.->|${label(['late'])}| output${i}`] : []),
        ...(isLetter(onBadMessage, i) ? [`node${index} -.->|${label(['unreadable'])}| output${i}`] : []),
      ]),
    ];
    return [`output${i}[(${label([`${output.message.name}: ${outputText(plan, output)}`])})]`, ...arrows];
  });
}

function isLetter(policy: FailurePolicy, output: number): boolean {
  return typeof policy === 'object' && policy.output === output;
}

function reproducibility({ clockUses }: Plan): string {
  return clockUses.length === 0 ? 'reproducible' : `not reproducible: ${clockUses.join('; ')}`;
}

/** A quoted label; characters with a meaning in Mermaid, or in its HTML, are escaped. */
function label(lines: readonly string[]): string {
  const escapes: Record<string, string> = { '"': '#quot;', '<': '#lt;', '>': '#gt;', '&': '#amp;', '#': '#35;' };
  const escaped = lines.map((line) => shownText(line, 2_000).replace(/["<>&#]/g, (character) => escapes[character]!));
  return `"${escaped.join('<br/>')}"`;
}
