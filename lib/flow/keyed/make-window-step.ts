import type { MessageClass } from '../../base/class.js';
import { checkFunction, checkMessageClass, checkOptions, refused } from '../step-checks.js';
import type { FlowWindowDescription } from './flow-window.js';
import { rowTable } from './kept-row.js';
import type { WindowStepDescription } from './keyed-steps.js';

/**
 * Checks the arguments of a step with windows, and describes it. `fold`: how values are folded; undefined if they are
 * collected.
 */
export function windowStep(
  place: string,
  name: string,
  steps: any,
  fold: { readonly state: MessageClass<any>; readonly of: 'first' | 'initial' } | undefined,
): WindowStepDescription {
  const functions = fold === undefined ? [] : [fold.of, 'add'];
  checkOptions(place, steps, ['window', 'at', ...functions], ['wait', 'late']);
  for (const each of ['at', ...functions]) checkFunction(`${place}: ${each}`, steps[each]);
  const { window, at, wait, late, first, initial, add } = steps;
  if (window?.what !== 'flow window') {
    throw refused(`${place}: window`, 'tumbling(…), hopping(…), sliding(…) or session(…)', window);
  }
  checkWait(place, wait, window);
  if (late !== undefined) checkMessageClass(`${place}: late`, late);
  const table = rowTable(name, fold?.state);
  const folded = fold && { state: fold.state, first, initial, add };
  return { what: 'window', name, table, window, at, wait, late, fold: folded };
}

function checkWait(place: string, wait: unknown, window: FlowWindowDescription): void {
  if (wait === undefined) return;
  const type = typeof (window.type === 'session' ? window.gap : window.size);
  const isDistance = typeof wait === type && (wait as number) >= 0 && wait !== Number.POSITIVE_INFINITY;
  if (!isDistance) throw refused(`${place}: wait`, `a ${type}, 0 or more, as the window's size is`, wait);
}
