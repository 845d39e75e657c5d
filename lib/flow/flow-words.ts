import type { FlowStep } from './flow-steps.js';

/** What the steps of a flow are, a line each, for `explain()`. */
export function linesOf(steps: readonly FlowStep[]): string[] {
  return steps.map(stepText);
}

/** Where the wall clock has a say in what a flow gives. */
export function clockUsesOf(steps: readonly FlowStep[]): string[] {
  return steps.flatMap((step) =>
    step.what === 'batch' && step.timeoutMs !== undefined
      ? [`a list of the step batch is given on ${step.timeoutMs} ms after its first value`]
      : [],
  );
}

function stepText(step: FlowStep): string {
  switch (step.what) {
    case 'tee':
      return `tee: ${step.message.name}`;
    case 'parallel':
      return `parallel: up to ${step.calls} at once`;
    case 'batch': {
      const timeout = step.timeoutMs === undefined ? '' : `, or ${step.timeoutMs} ms after the first of them`;
      return `batch: lists of ${step.size}${timeout}; in memory: the open list; restart: reads from its first element`;
    }
    default:
      return step.what;
  }
}
