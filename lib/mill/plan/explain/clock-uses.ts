import type { WindowDescription } from '../../../joins/windows/window.js';
import { kindOf } from '../../../joins/windows/window-kinds.js';
import type { PlanNode } from '../plan.js';

/** The uses of the wall clock that affect the results, in words. */
export function clockUsesOf(window: WindowDescription | undefined, nodes: readonly PlanNode[]): string[] {
  const pollTimeoutMs = nodes[0]?.broker.timeouts?.pollTimeoutMs;
  const uses: string[] = [];
  const clock = window && kindOf(window).clock(window, pollTimeoutMs);
  if (clock !== undefined) uses.push(clock.text);
  const brokers = new Set(nodes.map(({ broker }) => broker));
  for (const { name, timeouts } of brokers) {
    const which = brokers.size === 1 ? 'a stream' : `a stream of ${name}`;
    if (timeouts?.dataTimeoutMs !== undefined)
      uses.push(`${which} ends after ${timeouts.dataTimeoutMs} ms without elements`);
  }
  for (const { name, input, idle } of nodes) {
    if (input.clock !== undefined) uses.push(`${name} ${input.clock}`);
    if (idle === undefined || idle.then === 'wait') continue;
    const then = idle.then === 'end' ? 'ends' : 'is ignored';
    uses.push(`${name} ${then} after ${idle.afterMs} ms without elements`);
  }
  return uses;
}
