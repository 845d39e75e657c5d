import { expectEqualPartitions } from '../partitions/partition-counts.js';
import type { KafkaClient, TopicFacts } from './client.js';
import { kafkaFailed, topicsMissing } from './kafka-errors.js';
import type { KafkaSettings } from './options/kafka-options.js';

/** The topics of a mill. */
export interface MillTopics {
  readonly inputs: readonly string[];
  /** Output topics in which each lane writes to its own partition. */
  readonly aligned: readonly string[];
  /** Output topics in which lanes write to the partitions of the results' keys. */
  readonly spread: readonly string[];
}

/** Checks the topics of a mill, or creates them. Returns their facts. */
export async function checkTopics(
  client: KafkaClient,
  { inputs, aligned, spread }: MillTopics,
  createTopics: KafkaSettings['createTopics'],
  /** The number of lanes of the leading broker, if that is another one. */
  lanes = 1,
): Promise<ReadonlyMap<string, TopicFacts>> {
  const topics = [...new Set([...inputs, ...aligned, ...spread])];
  let facts = await client.topics(topics);
  const missing = topics.filter((topic) => !facts.has(topic));
  if (missing.length > 0) {
    if (createTopics === false) throw topicsMissing(missing);
    const known = [...inputs, ...aligned, ...spread].find((topic) => facts.has(topic)) ?? '';
    const partitions = createTopics.partitions ?? facts.get(known)?.partitions ?? lanes;
    const { replicationFactor } = createTopics;
    const made = missing.map((topic) => ({ topic, partitions, replicationFactor }));
    await client.createTopics(made).catch((error) => {
      throw kafkaFailed(error, `creating the topics ${missing.join(', ')}`, missing.join(', '));
    });
    const fresh = await client.topics(missing);
    const factsOf = (topic: string): TopicFacts => fresh.get(topic) ?? { partitions, id: undefined };
    facts = new Map([...facts, ...missing.map((topic) => [topic, factsOf(topic)] as const)]);
  }
  // In the order of the mill's topics, so that the error reads like the plan.
  const equal = new Map([...inputs, ...aligned].map((topic) => [topic, facts.get(topic)?.partitions as number]));
  expectEqualPartitions(equal, 'topic');
  return facts;
}
