import type { Json } from '../../base/json.js';
import { WaterMillError } from '../../base/watermill-error.js';
import type { BrokerLane, LaneProgress, StandIn, StreamReader } from '../broker.js';
import { whenWorking } from '../broker-failed.js';
import { type LaneMember, type Member, startOver } from './member.js';

export interface LaneUse {
  /** No other lane reads from the other brokers. */
  readonly isOnly: boolean;
  /** Called when the commit of the lane is dropped. */
  readonly restarted: () => void;
}

/**
 * A lane of the leader, with the inputs of the other brokers. Its commit is the leader's: one text covers what was read
 * and how far results count. The other brokers are notified when it is valid, if no other lane reads from them.
 */
export function severalLane(
  leader: LaneMember,
  others: readonly LaneMember[],
  { isOnly, restarted }: LaneUse,
): StandIn<BrokerLane> {
  const { lane } = leader;
  const all = [leader, ...others];
  const { afterEnd, check, openTables, confirm } = lane;
  return {
    name: lane.name,
    label: lane.label,
    committed: lane.committed,
    committedIn: lane.committedIn,
    revoked: anyOf(all.map((member) => member.lane.revoked)),
    lost: anyOf(all.map((member) => member.lane.lost)),
    afterEnd: afterEnd?.bind(lane),
    check: check?.bind(lane),
    openTables: openTables?.bind(lane),
    confirm: confirm?.bind(lane),
    openReader: (input, mark) => openReader(all, input, mark),
    /** The leader last: a restart is repeated until the leader has dropped its commit. */
    async restart() {
      if (isOnly) for (const other of others) await startOver(other);
      await lane.restart?.();
      restarted();
    },
    async commit(text, progress) {
      await lane.commit(text, partOf(progress, leader));
      if (!isOnly) return;
      for (const other of others) {
        const note = () => other.lane.commit(text, partOf(progress, other));
        await whenWorking(other.broker.name, 'taking note of a commit', note);
      }
    },
    async release() {
      await lane.release?.();
      if (isOnly) for (const other of others) await other.lane.release?.();
      // The leader gives its lane to no other process: without this error, nothing would be read any more, silently.
      const taken = others.find((other) => other.lane.revoked?.aborted === true);
      if (isOnly && taken !== undefined && lane.revoked?.aborted !== true) throw inputTaken(taken, leader);
    },
  };
}

function inputTaken({ broker }: LaneMember, leader: LaneMember): WaterMillError {
  return new WaterMillError(
    'WM_LANE_TAKEN',
    `Another process has taken over what this mill reads from ${broker.name}, but the lanes of ${leader.broker.name}, which leads, are still here: the mill cannot continue. ` +
      `Give each mill its own group on ${broker.name}, or let ${broker.name} have the master.`,
    { broker: broker.name, expected: 'no other process with this group', found: 'one' },
  );
}

function anyOf(signals: readonly (AbortSignal | undefined)[]): AbortSignal | undefined {
  const given = signals.filter((signal) => signal !== undefined);
  return given.length > 1 ? AbortSignal.any(given) : given[0];
}

function openReader(members: readonly LaneMember[], input: number, mark: Json | undefined): Promise<StreamReader> {
  for (const { lane, inputs } of members) {
    const own = inputs.indexOf(input);
    if (own >= 0) return lane.openReader(own, mark);
  }
  throw new Error(`There is no input ${input}.`);
}

function partOf({ positions, marks, ended }: LaneProgress, { inputs }: Member): LaneProgress {
  return { positions: inputs.map((i) => positions[i] as number), marks: inputs.map((i) => marks[i]), ended };
}
