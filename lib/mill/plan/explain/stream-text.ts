import { leaderOf, type Plan, type PlanNode, type PlanOutput } from '../plan.js';

/** The stream of a node, and its broker if there are several. */
export function inputText(plan: Plan, { index, input, broker }: PlanNode): string {
  const leads =
    index === 0 ? ', which leads: it keeps the progress' : leaderOf(plan) === broker ? '' : ', read whole by each lane';
  return hasSeveral(plan) ? `${input.label}, on ${broker.name}${leads}` : input.label;
}

/** The stream of results of a class, and its broker if there are several. */
export function outputText(plan: Plan, { entry, broker }: PlanOutput): string {
  if (!hasSeveral(plan)) return entry.label;
  return `${entry.label}, on ${broker.name}${leaderOf(plan) === broker ? '' : delivery(plan, broker)}`;
}

function delivery(plan: Plan, { abilities }: PlanOutput['broker']): string {
  if (!leaderOf(plan).abilities.remembers) return '';
  return abilities.rollsBack === true ? ', rolled back to the last commit after a crash' : ', at least once';
}

function hasSeveral(plan: Plan): boolean {
  return [...plan.nodes, ...plan.outputs].some(({ broker }) => broker !== leaderOf(plan));
}
