import { WaterMillError } from '../../../base/watermill-error.js';
import type { KafkaClient, TopicLimits } from '../client.js';
import { kafkaFailed } from '../kafka-errors.js';
import type { KafkaSettings } from '../options/kafka-options.js';
import { expectPermissions } from '../topic-checks.js';
import { tableTopicHint } from './table-topics.js';

/** Checks the topics of tables, or creates them. Returns their limits. */
export async function checkTableTopics(
  client: KafkaClient,
  topics: readonly string[],
  partitions: number,
  createTopics: KafkaSettings['createTopics'],
): Promise<ReadonlyMap<string, TopicLimits>> {
  if (topics.length === 0) return new Map();
  const facts = await client.topics(topics);
  const missing = topics.filter((topic) => !facts.has(topic));
  if (missing.length > 0) {
    if (createTopics === false) throw tableTopicMissing(missing[0] as string, partitions);
    const { replicationFactor } = createTopics;
    const made = missing.map((topic) => ({ topic, partitions, replicationFactor, isCompacted: true }));
    await client.createTopics(made).catch((error) => {
      throw kafkaFailed(error, `creating the topics ${missing.join(', ')}`, missing.join(', '));
    });
  }
  expectPermissions(facts, { read: topics, write: topics });
  const limits = new Map<string, TopicLimits>();
  for (const topic of topics) {
    const found = facts.get(topic)?.partitions ?? partitions;
    if (found !== partitions)
      throw wrongTopic(topic, partitions, `${partitions} partitions, as its mill has lanes`, `${found}`);
    const limit = await client.limitsOf(topic);
    if (limit.isCompacted === false || limit.isDeleted === true) {
      throw wrongTopic(topic, partitions, 'cleanup.policy=compact', limit.isCompacted ? 'compact,delete' : 'delete');
    }
    if (limit.deleteRetentionMs === 0) throw keepsNoDeletions(topic);
    limits.set(topic, limit);
  }
  return limits;
}

function tableTopicMissing(topic: string, partitions: number): WaterMillError {
  return new WaterMillError(
    'WM_TOPIC_MISSING',
    `The cluster has no topic ${topic}, in which a table is stored. Create it, compacted: ${tableTopicHint(topic, partitions)}. Or let the broker do so with createTopics: true.`,
    { stream: topic, expected: 'a topic', found: 'none' },
  );
}

/** Every later start would be refused, since deletions may be removed while they are read. */
function keepsNoDeletions(topic: string): WaterMillError {
  return new WaterMillError(
    'WM_TABLE',
    `The topic ${topic} cannot keep a table: expected a delete.retention.ms above 0, found 0. A deletion must stay until a start has read it: ` +
      `kafka-configs.sh --alter --entity-type topics --entity-name ${topic} --add-config delete.retention.ms=86400000.`,
    { stream: topic, expected: 'a delete.retention.ms above 0', found: '0' },
  );
}

function wrongTopic(topic: string, partitions: number, expected: string, found: string): WaterMillError {
  return new WaterMillError(
    'WM_TABLE',
    `The topic ${topic} cannot keep a table: expected ${expected}, found ${found}. What a table holds must stay until it is deleted: ` +
      `${tableTopicHint(topic, partitions)}.`,
    { stream: topic, expected, found },
  );
}
