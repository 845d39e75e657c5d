import { findProgress } from '../partitions/find-progress.js';
import type { CommittedOffset } from './client.js';
import { isCompanion, type LaneProgressText, readMetadata, topicIdIn } from './commit-metadata.js';
import { foreignPositions, progressGone, topicRecreated } from './kafka-errors.js';

export interface GroupPositions {
  readonly group: string;
  readonly partition: number;
  readonly plan: string;
  readonly inputs: readonly { readonly topic: string }[];
  /** The current ids of the topics, if the cluster has them. */
  readonly topicIds: ReadonlyMap<string, string | undefined>;
  /** All offsets that the group has committed for the partition. */
  readonly committed: readonly CommittedOffset[];
}

/** The commit of a lane, found by the offsets of its topics: see `findProgress`. */
export function committedProgress(positions: GroupPositions): LaneProgressText | undefined {
  const { group, partition, plan, inputs, topicIds, committed } = positions;
  const streams = inputs.map(({ topic }) => topic);
  return findProgress({
    plan,
    streams,
    kept: committed.map(({ topic, metadata }) => ({
      stream: topic,
      progress: readMetadata(metadata),
      isCompanion: isCompanion(metadata),
    })),
    foreign: (topic) => foreignPositions(group, topic, partition),
    gone: (topic) => progressGone(group, streams[0] as string, topic, partition),
    check: (topic) => checkTopic(topic, committed, topicIds.get(topic)),
  });
}

/**
 * Throws if a topic was recreated: all topics of a plan are committed together, and the cluster drops the positions of
 * deleted topics.
 */
function checkTopic(topic: string, committed: readonly CommittedOffset[], id: string | undefined): void {
  const entry = committed.find((each) => each.topic === topic);
  if (entry === undefined) throw topicRecreated(topic, 'read by an earlier run', 'without its position');
  const was = topicIdIn(entry.metadata);
  if (was !== undefined && id !== undefined && was !== id) throw topicRecreated(topic, was, id);
}
