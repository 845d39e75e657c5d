import { findProgress, type KeptPosition } from '../../../lib/brokers/partitions/find-progress.js';
import { GroupEnd } from '../../../lib/brokers/partitions/group-end.js';
import {
  closingLane,
  endLane,
  endShared,
  type LaneStage,
  stageOfCommit,
} from '../../../lib/brokers/partitions/lane-stage.js';
import { partitionChooser } from '../../../lib/brokers/partitions/partition-by-key.js';
import { expectEqualPartitions, expectPartitionPerLane } from '../../../lib/brokers/partitions/partition-counts.js';
import { refusal } from '../../support/refusal.js';
import { settled, VirtualClock } from '../../support/virtual-clock.js';

/** A lane, and its writes and commits, in order. */
function ending(partition: number, stage: LaneStage) {
  const log: string[] = [];
  const lane = {
    partition,
    stage,
    async reach(reached: LaneStage) {
      lane.stage = reached;
      log.push(`commit ${reached}`);
    },
  };
  const writer = {
    writeEndMarks: async () => void log.push('own marks'),
    writeSharedEndMarks: async () => void log.push('shared marks'),
  };
  return { lane, writer, log };
}

describe('the end of a lane', () => {
  it('has a stage in its commit', () => {
    expect([stageOfCommit(false, true), stageOfCommit(true, true), stageOfCommit(true, false)]).toEqual([
      'open',
      'over',
      'ended',
    ]);
  });

  it.each<[number, boolean, LaneStage]>([
    [1, false, 'ended'],
    [1, true, 'ended'],
    [closingLane, false, 'ended'],
    [closingLane, true, 'marked'],
  ])(
    'of lane %i, shared outputs: %s: writes its own marks, then commits that it is %s',
    async (partition, hasShared, last) => {
      const { lane, writer, log } = ending(partition, 'over');
      await endLane(lane, writer, hasShared);
      expect(log).toEqual(['own marks', `commit ${last}`]);
      await endLane(lane, writer, hasShared);
      expect(log).toHaveLength(2);
    },
  );

  it('writes nothing before the lane is over', async () => {
    const { lane, writer, log } = ending(1, 'open');
    await endLane(lane, writer, true);
    expect(log).toEqual([]);
  });

  it('is followed by the marks that all lanes share', async () => {
    const { lane, writer, log } = ending(closingLane, 'marked');
    await endShared(lane, writer);
    expect(log).toEqual(['shared marks', 'commit ended']);
  });
});

describe('the end of a group', () => {
  const group = (stages: Record<number, LaneStage>, hasLane = true) => {
    const clock = new VirtualClock();
    const log: string[] = [];
    const end = new GroupEnd({
      clock,
      lanes: 2,
      stages: async () => {
        log.push('look');
        return new Map(Object.entries(stages).map(([lane, stage]) => [Number(lane), stage]));
      },
      isIdle: () => true,
      hasLane: () => hasLane,
      close: async () => {
        log.push('close');
        stages[closingLane] = 'ended';
      },
      ended: () => void log.push('ended'),
      failed: (error) => void log.push(`failed ${error}`),
    });
    return { clock, log, end };
  };

  it('is reached when all lanes have ended', async () => {
    const { log, end } = group({ 0: 'ended', 1: 'ended' });
    end.look();
    await settled();
    expect(log).toEqual(['look', 'ended']);
  });

  it('is polled at increasing intervals', async () => {
    const stages: Record<number, LaneStage> = { 0: 'ended', 1: 'open' };
    const { clock, log, end } = group(stages);
    end.look();
    await settled();
    for (const pause of [50, 100, 200]) {
      const before = log.length;
      await clock.advance(pause - 1);
      expect(log).toHaveLength(before);
      await clock.advance(1);
      await settled();
      expect(log).toHaveLength(before + 1);
    }
    stages[1] = 'ended';
    await clock.advance(400);
    await settled();
    expect(log.at(-1)).toBe('ended');
  });

  it('is made by the member with the closing lane, once the others have ended', async () => {
    const { clock, log, end } = group({ 0: 'marked', 1: 'ended' });
    end.look();
    await settled();
    await clock.advance(50);
    await settled();
    expect(log).toEqual(['look', 'close', 'look', 'ended']);
    const other = group({ 0: 'marked', 1: 'ended' }, false);
    other.end.look();
    await settled();
    expect(other.log).toEqual(['look']);
  });
});

describe('the progress of a lane', () => {
  type Text = { readonly plan: string; readonly text: string };
  const search = (kept: readonly KeptPosition<Text>[], checked: string[] = []) =>
    findProgress<Text>({
      plan: 'this',
      streams: ['a', 'b'],
      kept,
      foreign: (stream) => new Error(`foreign ${stream}`),
      gone: (stream) => new Error(`gone ${stream}`),
      check: (stream) => void checked.push(stream),
    });
  const carrying = (stream: string, plan: string): KeptPosition<Text> => ({
    stream,
    progress: { plan, text: `${plan} in ${stream}` },
    isCompanion: false,
  });
  const companion = (stream: string): KeptPosition<Text> => ({ stream, progress: undefined, isCompanion: true });

  it('is that of this plan, with the first stream, if all streams are unchanged', () => {
    const checked: string[] = [];
    expect(search([companion('b'), carrying('a', 'this')], checked)?.text).toBe('this in a');
    expect(checked).toEqual(['a', 'b']);
  });

  it('is that of another plan, which may have read other streams', () => {
    expect(search([carrying('a', 'other'), companion('b')])?.text).toBe('other in a');
    expect(search([carrying('c', 'other'), companion('b')])?.text).toBe('other in c');
    expect(search([])).toBeUndefined();
  });

  it('is not guessed if positions were written by something else, or the text is gone', () => {
    expect(() => search([{ stream: 'b', progress: undefined, isCompanion: false }])).toThrow('foreign b');
    expect(() => search([companion('b')])).toThrow('gone b');
    expect(search([{ stream: 'c', progress: undefined, isCompanion: false }])).toBeUndefined();
  });
});

describe('partitions', () => {
  it('are chosen by the lane, or by the key if there is one', () => {
    const length = (key: string, partitions: number): number => key.length % partitions;
    expect(partitionChooser('lane', length, 3)('key', 5)).toBe(2);
    expect(partitionChooser(undefined, length, 3)('keys', 4)).toBe(1);
    expect(partitionChooser('key', length, 3)('keys', 2)).toBe(1);
    expect(partitionChooser('key', length, 3)(null, 5)).toBe(2);
  });

  it('must be equal in number, and enough for the lanes of another broker', () => {
    const counts = (b: number) =>
      new Map([
        ['a', 2],
        ['b', b],
      ]);
    expectEqualPartitions(counts(2), 'stream');
    expect(refusal(() => expectEqualPartitions(counts(3), 'stream'))).toMatchObject({
      code: 'WM_PARTITION_COUNTS',
      message: expect.stringMatching(/^The streams have different numbers of partitions: a 2, b 3\./),
    });
    expectPartitionPerLane('a', 3, 3, 'stream');
    expect(refusal(() => expectPartitionPerLane('a', 2, 3, 'stream'))).toMatchObject({ code: 'WM_PARTITION_COUNTS' });
  });
});
