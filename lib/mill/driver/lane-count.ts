import { WaterMillError } from '../../base/watermill-error.js';
import type { Plan, PlanNode } from '../plan/plan.js';

/**
 * Refuses more than one lane for a plan that needs exactly one, or whose output must be partitioned by key and would
 * not be. The lane of a stream that other processes share counts as one of several.
 */
export function checkLaneCount({ process, nodes, outputs }: Plan, lanes: number): void {
  const { label, sharedWith } = (nodes[0] as PlanNode).input;
  if (lanes < 2 && sharedWith === undefined) return;
  const several = sharedWith === undefined ? 'there are several lanes' : `${label} is shared with ${sharedWith}`;
  const { name, made } = process;
  if (made?.oneLane !== undefined) {
    throw new WaterMillError('WM_FLOW', made.oneLane(several), { process: name, found: String(lanes) });
  }
  for (const { message, broker, key } of outputs) {
    if (key !== undefined && broker.abilities.partitionsByKey !== true) {
      throw notByKey(name, message.name, broker.name, several);
    }
  }
}

function notByKey(process: string, message: string, broker: string, several: string): WaterMillError {
  return new WaterMillError(
    'WM_FLOW',
    `${process} goes through ${message}, and ${several}: the elements of one key must be together, and ${broker} writes those of each lane separately. ` +
      `Write ${message} to a topic of Kafka, or to one stream of Redis.`,
    { process, message, broker, expected: 'a broker that writes by keys', found: broker },
  );
}
