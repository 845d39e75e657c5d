import type { CommittedOffset } from './client.js';
import { companion, type LaneProgressText, readMetadata } from './commit-metadata.js';
import { foreignPositions } from './kafka-errors.js';

export interface GroupPositions {
  readonly group: string;
  readonly partition: number;
  readonly plan: string;
  readonly inputs: readonly { readonly topic: string }[];
  /** All that the group has committed for the partition. */
  readonly committed: readonly CommittedOffset[];
}

/**
 * What was committed for a lane: by this plan beside the offset of its first topic, else what another plan has left, which
 * may have read other topics. Positions of the plan's topics that something else has written are an error.
 */
export function findProgress({
  group,
  partition,
  plan,
  inputs,
  committed,
}: GroupPositions): LaneProgressText | undefined {
  const topics = new Set(inputs.map(({ topic }) => topic));
  const found = committed.map(({ topic, metadata }) => ({ topic, metadata, progress: readMetadata(metadata) }));
  const foreign = found.find((each) => topics.has(each.topic) && !each.progress && each.metadata !== companion);
  if (foreign !== undefined) throw foreignPositions(group, foreign.topic, partition);
  const first = found.find(({ topic }) => topic === inputs[0]!.topic)?.progress;
  if (first?.plan === plan) return first;
  const former = [first, ...found.map(({ progress }) => progress)].find((each) => each && each.plan !== plan);
  const orphan = found.find(({ topic }) => topics.has(topic));
  if (former === undefined && orphan !== undefined) throw foreignPositions(group, orphan.topic, partition);
  return former;
}
