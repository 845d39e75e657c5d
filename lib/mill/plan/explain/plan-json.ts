import { failureText, idleText, orderText } from '../inputs/policy-words.js';
import type { Plan } from '../plan.js';
import { edgeDecision } from './edge-decision.js';
import { edgeMemory } from './edge-memory.js';
import { edgeSql } from './edge-sql.js';
import { edgeCondition, edgesOf, namesOf } from './edge-words.js';
import { explainText } from './explain-text.js';
import { windowMemory, windowText } from './window-text.js';

/** A plan as JSON, for programs: the parts of `explain()`. */
export interface PlanJson {
  readonly process: string;
  /** The master first, depth first. */
  readonly streams: readonly {
    readonly name: string;
    readonly stream: string;
    readonly order: string;
    readonly unreadable: string;
    readonly silent: string;
  }[];
  readonly edges: readonly {
    readonly parent: string;
    readonly child: string;
    readonly kind: string;
    readonly condition: string;
    readonly sql: string;
    readonly decided: string;
    readonly inMemory: string;
  }[];
  readonly window: { readonly description: string; readonly inMemory: string } | undefined;
  readonly results: readonly { readonly name: string; readonly stream: string }[];
  /** The uses of the clock; if empty, every run over the same input has the same results. */
  readonly clockUses: readonly string[];
  readonly fingerprint: string;
  /** The whole text of `explain()`. */
  readonly text: string;
}

export function planJson(plan: Plan): PlanJson {
  const { process, nodes, window, outputs, clockUses, fingerprint } = plan;
  return {
    process: process.name,
    streams: nodes.map((node) => ({
      name: node.name,
      stream: node.input.label,
      order: orderText(plan, node),
      unreadable: failureText(plan, node.onBadMessage),
      silent: idleText(node),
    })),
    edges: edgesOf(plan).map((edge) => {
      const [parent, child] = namesOf(plan, edge) as readonly [string, string];
      return {
        parent,
        child,
        kind: edge.kind,
        condition: edgeCondition(edge),
        sql: edgeSql(plan, edge),
        decided: edgeDecision(plan, edge),
        inMemory: edgeMemory(plan, edge),
      };
    }),
    window: window && { description: windowText(plan), inMemory: windowMemory(plan) },
    results: outputs.map(({ message, entry }) => ({ name: message.name, stream: entry.label })),
    clockUses,
    fingerprint,
    text: explainText(plan),
  };
}
