import type { FlowStep } from './flow-steps.js';
import type { WindowStepDescription } from './keyed/keyed-steps.js';

/** The steps of a flow for `explain()`, a line each. */
export function linesOf(steps: readonly FlowStep[]): string[] {
  return steps.map(stepText);
}

/** The uses of the wall clock that affect the results of a flow. */
export function clockUsesOf(steps: readonly FlowStep[]): string[] {
  return steps.flatMap((step) =>
    'timeoutMs' in step && step.timeoutMs !== undefined
      ? [
          `a list of the step ${'name' in step ? step.name : 'batch'} is given on ${step.timeoutMs} ms after its first value`,
        ]
      : [],
  );
}

const keyByTexts = {
  one: 'keyBy',
  local: 'keyBy, each lane by itself',
  through: 'keyBy, the key by which the stage before writes',
};

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
    case 'keyBy':
      return keyByTexts[step.lanes];
    case 'through':
      return `through ${step.message.name}: each is written by its key${step.passesOn ? ', and passed on' : '; the next stage reads them'}`;
    case 'reduce':
      return `reduce ${step.name}: keeps a ${step.state.name} of each key until it is complete; at the end: ${step.atEnd}`;
    case 'statefulMap':
      return `statefulMap ${step.name}: keeps a ${step.state.name} of each key`;
    case 'keyedBatch':
      return `batch ${step.name}: lists of ${step.size} of each key; keeps the open lists`;
    case 'window':
      return windowText(step);
    default:
      return step.what;
  }
}

function windowText({ name, window, wait, late, fold }: WindowStepDescription): string {
  const kind =
    window.type === 'aligned'
      ? window.size === window.every
        ? `tumbling ${window.size}`
        : `hopping ${window.size} every ${window.every}`
      : window.type === 'sliding'
        ? `sliding ${window.size}`
        : `session, gap ${window.gap}`;
  const kept = fold === undefined ? 'the values' : `a ${fold.state.name}`;
  const order = wait === undefined ? '' : `; values wait for ${wait}`;
  const to = late === undefined ? 'counted' : `written as ${late.name}`;
  return `windows ${name}, ${kind}: keeps ${kept} of each key and open window${order}; late values are ${to}`;
}
