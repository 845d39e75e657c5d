import { WaterMillError } from '../../../base/watermill-error.js';
import type { BrokerLane } from '../../../brokers/broker.js';
import { whenWorking } from '../../../brokers/broker-failed.js';
import { outlineDifference } from '../../plan/explain/plan-outline.js';
import {
  type CommitPlace,
  type CommittedPlan,
  endsWith,
  type LaneCommit,
  readCommit,
} from '../../resume/commit-text.js';
import { continued } from '../../resume/lane-vector.js';
import type { LaneContext } from '../lane-context.js';

/**
 * Reads the last commit of a lane after a restart or a crash; undefined if the lane is new or starts over. Results
 * written after that commit are undone with it: the lane is fed again from its positions, and the writer gets the mark
 * of its outputs.
 */
export async function recoverCommit(context: LaneContext, lane: BrokerLane): Promise<LaneCommit | undefined> {
  if (lane.committed === undefined) return undefined;
  const place = { broker: context.leader.name, lane: lane.name };
  const { fingerprint } = context.plan;
  const { commit, plan } = readCommit(lane.committed, { ...place, file: lane.committedIn });
  if (plan.fingerprint === fingerprint) {
    return commit.vector.ended === undefined ? commit : afterEnd(context, lane, commit);
  }
  if (context.onPlanChange === 'fail') throw planChanged(place, context.plan, plan);
  context.logger.warn(
    { ...place, plan: fingerprint, former: plan.fingerprint },
    `Lane ${lane.name} starts over: its plan changed`,
  );
  await restart(context, lane);
  return undefined;
}

/** Handles a lane that had ended: the broker decides what to do with it. */
async function afterEnd(context: LaneContext, lane: BrokerLane, commit: LaneCommit): Promise<LaneCommit | undefined> {
  const { leader, logger } = context;
  const decision = await whenWorking(leader.name, 'checking the inputs of a lane that had ended', () =>
    lane.afterEnd?.(),
  );
  if (decision === undefined || decision === 'ended') return commit;
  const place = { broker: leader.name, lane: lane.name };
  if (decision === 'restart') {
    logger.info(place, `Lane ${lane.name} had ended and starts over: its inputs have changed`);
    await restart(context, lane);
    return undefined;
  }
  logger.info(place, `Lane ${lane.name} had ended and continues: its inputs have grown`);
  const { over: _, ...vector } = continued(commit.vector);
  return { ...commit, vector, ends: endsWith(commit), isContinued: true };
}

async function restart({ leader }: LaneContext, lane: BrokerLane): Promise<void> {
  await whenWorking(leader.name, 'starting a lane over', () => lane.restart?.());
}

function planChanged(place: CommitPlace, now: CommittedPlan, before: CommittedPlan): WaterMillError {
  const differences = before.outline && now.outline ? outlineDifference(before.outline, now.outline) : [];
  const what =
    differences.length === 0
      ? `committed by plan ${before.fingerprint}, this mill is plan ${now.fingerprint}`
      : differences.slice(0, mostDifferences).join('; ');
  return new WaterMillError(
    'WM_PLAN_CHANGED',
    `${place.broker} holds the progress of another plan in lane ${place.lane}: ${what}. ` +
      'Positions fit only the same message names, joins, windows and key expressions: run the previous version to its end, use another group, ' +
      "or start over at the start of the streams with onPlanChange: 'restart'.",
    { ...place, expected: now.fingerprint, found: before.fingerprint, differences },
  );
}

const mostDifferences = 5;
