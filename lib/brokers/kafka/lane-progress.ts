import type { CommittedOffset } from './client.js';
import { isCompanion, type LaneProgressText, readMetadata, topicIdIn } from './commit-metadata.js';
import { foreignPositions, progressGone, topicMadeAnew } from './kafka-errors.js';

export interface GroupPositions {
  readonly group: string;
  readonly partition: number;
  readonly plan: string;
  readonly inputs: readonly { readonly topic: string }[];
  /** Which topics of their names they are now, where the cluster tells. */
  readonly topicIds: ReadonlyMap<string, string | undefined>;
  /** All that the group has committed for the partition. */
  readonly committed: readonly CommittedOffset[];
}

/**
 * What was committed for a lane: by this plan with the offset of its first topic, else what another plan has left, which
 * may have read other topics. Positions of the plan's topics that something else has written are an error.
 */
export function findProgress({
  group,
  partition,
  plan,
  inputs,
  topicIds,
  committed,
}: GroupPositions): LaneProgressText | undefined {
  const topics = new Set(inputs.map(({ topic }) => topic));
  const found = committed.map(({ topic, metadata }) => ({ topic, metadata, progress: readMetadata(metadata) }));
  const foreign = found.find((each) => topics.has(each.topic) && !each.progress && !isCompanion(each.metadata));
  if (foreign !== undefined) throw foreignPositions(group, foreign.topic, partition);
  const first = found.find(({ topic }) => topic === inputs[0]!.topic)?.progress;
  if (first?.plan === plan) {
    for (const topic of topics) checkTopic(topic, committed, topicIds.get(topic));
    return first;
  }
  const former = [first, ...found.map(({ progress }) => progress)].find((each) => each && each.plan !== plan);
  const orphan = found.find(({ topic }) => topics.has(topic));
  if (former === undefined && orphan !== undefined)
    throw progressGone(group, inputs[0]!.topic, orphan.topic, partition);
  return former;
}

/** All topics of a plan are committed together; and the cluster drops the positions of a topic that is deleted. */
function checkTopic(topic: string, committed: readonly CommittedOffset[], id: string | undefined): void {
  const entry = committed.find((each) => each.topic === topic);
  if (entry === undefined) throw topicMadeAnew(topic, 'read by an earlier run', 'without its position');
  const was = topicIdIn(entry.metadata);
  if (was !== undefined && id !== undefined && was !== id) throw topicMadeAnew(topic, was, id);
}
