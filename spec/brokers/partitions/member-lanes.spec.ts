import { LaneClaim } from '../../../lib/brokers/partitions/lane-claim.js';
import type { LaneStage } from '../../../lib/brokers/partitions/lane-stage.js';
import { MemberLanes } from '../../../lib/brokers/partitions/member-lanes.js';
import { settled, VirtualClock } from '../../support/virtual-clock.js';

class Lane extends LaneClaim {
  stage: LaneStage = 'open';

  constructor(readonly partition: number) {
    super();
  }
}

/** A member whose lanes are opened at once, or when `open` says so. */
function member(isSlow = false) {
  const clock = new VirtualClock();
  const log: string[] = [];
  const given = new Map<number, Lane>();
  const waiting: (() => void)[] = [];
  const lanes: MemberLanes<Lane> = new MemberLanes<Lane>({
    clock,
    async make(partition) {
      log.push(`make ${partition}`);
      if (isSlow) await new Promise<void>((resolve) => waiting.push(resolve));
      if (partition === 99) throw new Error('no such partition');
      return new Lane(partition);
    },
    free: async ({ partition }) => void log.push(`free ${partition}`),
    push(lane) {
      given.set(lane.partition, lane);
      log.push(`give ${lane.partition}`);
    },
    rebalance: () => void log.push('share'),
    changed: () => {},
    failed: (error, partition) => void log.push(`failed ${partition}: ${(error as Error).message}`),
  });
  const open = async (): Promise<void> => {
    for (const resolve of waiting.splice(0)) resolve();
    await settled();
  };
  const assigned = async (partitions: readonly number[], anew = false): Promise<void> => {
    lanes.assigned(partitions, anew);
    await settled();
  };
  const lane = (partition: number): Lane => given.get(partition) as Lane;
  return { lanes, clock, log, lane, open, assigned };
}

describe('the lanes of a member', () => {
  it('are made and passed to the mill as the group assigns them', async () => {
    const { lanes, log, assigned } = member();
    await assigned([0, 2]);
    expect(log).toEqual(['make 0', 'make 2', 'give 0', 'give 2']);
    expect(lanes.partitions).toEqual([0, 2]);
    await assigned([0, 2]);
    expect(log).toHaveLength(4);
  });

  it('can be awaited while they are opened, including one that fails', async () => {
    const { lanes, log, open, assigned } = member(true);
    await lanes.opened();
    await assigned([1, 99]);
    lanes.close();
    const opened = lanes.opened().then(() => log.push('opened'));
    await settled();
    expect(log).toEqual(['make 1', 'make 99']);
    await open();
    await opened;
    expect(log.slice(2)).toEqual(['free 1', 'failed 99: no such partition', 'opened']);
    await lanes.opened();
  });

  it('change hands in two steps: revoked, in use until they are released, then rebalanced', async () => {
    const { lanes, log, lane, assigned } = member();
    await assigned([0, 1]);
    log.length = 0;
    await assigned([0]);
    expect(lane(1).revoked.aborted).toBe(true);
    expect(lane(1).lost.aborted).toBe(false);
    expect(lane(0).revoked.aborted).toBe(false);
    expect(lanes.partitions).toEqual([0, 1]);
    await lanes.released(lane(1));
    expect(log).toEqual(['free 1', 'share']);
    expect(lanes.partitions).toEqual([0]);
  });

  it('are rebalanced in one round, after a while, if more of them are to be released', async () => {
    const { lanes, clock, log, lane, assigned } = member();
    await assigned([0, 1, 2]);
    log.length = 0;
    await assigned([0]);
    await lanes.released(lane(1));
    expect(log).toEqual(['free 1']);
    await clock.advance(199);
    expect(log).not.toContain('share');
    await clock.advance(1);
    expect(log).toEqual(['free 1', 'share']);
    await lanes.released(lane(2));
    expect(log).toEqual(['free 1', 'share', 'free 2', 'share']);
  });

  it('are reopened if they are given back, unless they have ended', async () => {
    const { lanes, log, lane, assigned } = member();
    await assigned([0, 1]);
    const [first, second] = [lane(0), lane(1)];
    await assigned([]);
    await assigned([0, 1]);
    log.length = 0;
    second.stage = 'ended';
    await lanes.released(first);
    await settled();
    await lanes.released(second);
    await settled();
    expect(log).toEqual(['free 0', 'make 0', 'give 0', 'free 1']);
    await assigned([0, 1]);
    expect(lanes.partitions).toEqual([0]);
  });

  it('are lost immediately if the group had dropped the member, including those being opened', async () => {
    const { lane, open, assigned } = member(true);
    await assigned([0]);
    await open();
    await assigned([0, 1]);
    await assigned([0, 1], true);
    expect(lane(0).lost.aborted).toBe(true);
    expect(lane(0).revoked.aborted).toBe(true);
    await open();
    expect(lane(1).lost.aborted).toBe(true);
  });

  it('are revoked if they were assigned to another member while they were opened', async () => {
    const { lane, open, assigned } = member(true);
    await assigned([0]);
    await assigned([]);
    await open();
    expect(lane(0).revoked.aborted).toBe(true);
    expect(lane(0).lost.aborted).toBe(false);
  });

  it('that cannot be opened are reported', async () => {
    const { log, assigned } = member();
    await assigned([99]);
    expect(log).toEqual(['make 99', 'failed 99: no such partition']);
  });

  it('are freed and not passed on once the member is closed, without a rebalance', async () => {
    const { lanes, log, lane, open, assigned } = member(true);
    await assigned([0]);
    await open();
    await assigned([1]);
    lanes.close();
    await open();
    await lanes.released(lane(0));
    expect(log).toEqual(['make 0', 'give 0', 'make 1', 'free 1', 'free 0']);
    expect(lanes.isIdle).toBe(false);
  });

  it('that are released twice are freed once', async () => {
    const { lanes, log, lane, assigned } = member();
    await assigned([0]);
    await lanes.released(lane(0));
    await lanes.released(lane(0));
    expect(log.filter((each) => each === 'free 0')).toHaveLength(1);
  });
});
