import type { Broker } from '../../../brokers/broker.js';
import type { WindowDescription } from '../../../joins/window.js';
import { kindOf } from '../../../joins/windows/window-kinds.js';
import type { PlanNode } from '../plan.js';

/** Every place where the wall clock has a say in the results, in words. */
export function clockUsesOf(
  broker: Broker,
  window: WindowDescription | undefined,
  nodes: readonly PlanNode[],
): string[] {
  const { dataTimeoutMs, pollTimeoutMs } = broker.timeouts ?? {};
  const uses: string[] = [];
  const clock = window && kindOf(window).clock(window, pollTimeoutMs);
  if (clock !== undefined) uses.push(clock.text);
  if (dataTimeoutMs !== undefined) uses.push(`a stream ends after ${dataTimeoutMs} ms without elements`);
  for (const { name, idle } of nodes) {
    if (idle === undefined || idle.then === 'wait') continue;
    const then = idle.then === 'end' ? 'ends' : 'is ignored';
    uses.push(`${name} ${then} after ${idle.afterMs} ms without elements`);
  }
  return uses;
}
