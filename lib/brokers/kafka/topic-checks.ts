import type { KafkaClient } from './client.js';
import { partitionCountsDiffer, topicsMissing } from './kafka-errors.js';
import type { KafkaSettings } from './kafka-options.js';

/** Checks the topics of a mill, or makes them; gives how many partitions all of them have. */
export async function checkTopics(
  client: KafkaClient,
  inputs: readonly string[],
  outputs: readonly string[],
  createTopics: KafkaSettings['createTopics'],
): Promise<number> {
  const topics = [...new Set([...inputs, ...outputs])];
  let counts = await client.partitionCounts(topics);
  const missing = topics.filter((topic) => !counts.has(topic));
  if (missing.length > 0) {
    if (createTopics === false) throw topicsMissing(missing);
    const partitions = createTopics.partitions ?? [...counts.values()][0] ?? 1;
    const { replicationFactor } = createTopics;
    await client.createTopics(missing.map((topic) => ({ topic, partitions, replicationFactor })));
    counts = new Map([...counts, ...missing.map((topic) => [topic, partitions] as const)]);
  }
  // Counts are in the order of the mill's topics, so that the error reads like the plan.
  const ordered = new Map(topics.map((topic) => [topic, counts.get(topic) as number]));
  if (new Set(ordered.values()).size > 1) throw partitionCountsDiffer(ordered);
  return [...ordered.values()][0] ?? 0;
}
