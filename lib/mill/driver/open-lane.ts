import type { BrokerLane } from '../../brokers/broker.js';
import { makeLane } from '../lane/make-lane.js';
import { foldElements } from '../process/fold-elements.js';
import { checkpointOf } from '../resume/checkpoint.js';
import type { LaneCommit } from '../resume/commit-text.js';
import { Committer } from './commit/committer.js';
import { LaneInputs } from './input/lane-inputs.js';
import { originsOf } from './input/origins.js';
import type { LaneContext } from './lane-context.js';
import { LaneDriver } from './lane-driver.js';
import { LaneTables } from './tables/lane-tables.js';
import { Wakeup } from './time/wakeup.js';

/** Opens the tables, the outputs and the inputs of a lane at its last commit, or at the beginning. */
export async function openLane(
  run: LaneContext,
  brokerLane: BrokerLane,
  resume: LaneCommit | undefined,
): Promise<LaneDriver> {
  const wakeup = new Wakeup();
  const { name } = brokerLane;
  const tables = run.plan.tables.length === 0 ? undefined : await LaneTables.open(run, brokerLane, resume);
  const context = { ...run, process: run.process.forLane({ name, now: () => run.clock.now(), tables }) };
  let committer: Committer | undefined;
  let inputs: LaneInputs | undefined;
  try {
    committer = await Committer.open(context, brokerLane, resume, tables);
    const origins = originsOf(context.plan, name);
    const opened = await LaneInputs.open({ ...context, lane: brokerLane, wake: wakeup.wake, origins }, resume);
    inputs = opened;
    const lane = makeLane({ ...context.plan, fold: foldElements(context.plan) }, resume?.vector);
    const driver = new LaneDriver({ name, context, lane, inputs, committer, wakeup, tables, origins });
    brokerLane.revoked?.addEventListener('abort', () => driver.stop('revoked'), { once: true });
    if (brokerLane.revoked?.aborted) driver.stop('revoked');
    committer.check(() => checkpointOf(lane, opened));
    return driver;
  } catch (error) {
    await inputs?.close().catch(() => {});
    await committer?.close().catch(() => {});
    await tables?.close(true).catch(() => {});
    throw error;
  }
}
