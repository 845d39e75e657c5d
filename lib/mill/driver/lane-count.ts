import { WaterMillError } from '../../base/watermill-error.js';
import type { Plan } from '../plan/plan.js';

/**
 * Refuses more than one lane for a plan that needs exactly one, or whose output must be partitioned by key and would
 * not be.
 */
export function checkLaneCount({ process, outputs }: Plan, lanes: number): void {
  if (lanes < 2) return;
  const { name, made } = process;
  if (made?.oneLane !== undefined) {
    throw new WaterMillError('WM_FLOW', made.oneLane, { process: name, found: String(lanes) });
  }
  for (const { message, broker, key } of outputs) {
    if (key !== undefined && broker.abilities.partitionsByKey !== true) {
      throw notByKey(name, message.name, broker.name, lanes);
    }
  }
}

function notByKey(process: string, message: string, broker: string, lanes: number): WaterMillError {
  return new WaterMillError(
    'WM_FLOW',
    `${process} goes through ${message}, and there are ${lanes} lanes: the elements of one key must lie together, and ${broker} writes those of each lane by themselves. ` +
      `Write ${message} to a topic of Kafka, or to one stream of Redis.`,
    { process, message, broker, expected: 'a broker that writes by keys', found: broker },
  );
}
