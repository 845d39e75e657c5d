import type { FailurePolicy, Plan, PlanNode } from '../plan.js';

/** Describes what happens to a failing message or call. */
export function failureText(plan: Plan, policy: FailurePolicy): string {
  if (policy === 'fail') return 'fails the run';
  return policy === 'skip' ? 'skipped, counted' : `written to ${plan.outputs[policy.output]!.entry.label}`;
}

/** Describes what happens to an element whose key is below an earlier one. */
export function orderText(plan: Plan, { order, late }: PlanNode): string {
  const to = late === undefined ? '' : `, written to ${plan.outputs[late]!.entry.label}`;
  if (order.policy === 'slack') {
    return `reordered by ${order.by} within ${order.slack}, and held that long; later ones skipped, counted${to}`;
  }
  return order.policy === 'fail' ? 'fails the run' : `skipped, counted${to}`;
}

/** Describes what happens while no elements arrive. */
export function idleText({ idle }: PlanNode): string {
  if (idle === undefined) return 'waited for';
  const after = `after ${idle.afterMs} ms`;
  switch (idle.then) {
    case 'wait':
      return `reported ${after}, and waited for`;
    case 'end':
      return `ended ${after}`;
    case 'ignore':
      return `not waited for ${after}; calls because of it are counted, and what arrives after them is late`;
  }
}
