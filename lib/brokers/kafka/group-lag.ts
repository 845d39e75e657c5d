import type { StreamLag } from '../broker.js';
import type { KafkaClient } from './client.js';

/**
 * The lag of a group in each partition of each topic, relative to its commits: in offsets, some of which may not be
 * messages.
 */
export async function groupLag(
  client: KafkaClient,
  group: string | undefined,
  topics: readonly string[],
): Promise<readonly (readonly StreamLag[])[]> {
  const committed = group === undefined ? [] : await client.committed(group, [...new Set(topics)]);
  return Promise.all(
    topics.map(async (topic) =>
      [...(await client.offsetsOf(topic))]
        .sort((a, b) => a.partition - b.partition)
        .map(({ partition, low, high }) => {
          const found = committed.find((each) => each.topic === topic && each.partition === partition);
          const next = Math.max(low, found?.offset ?? low);
          return {
            label: `partition ${partition}`,
            committed: found?.offset,
            end: high,
            lag: Math.max(0, high - next),
          };
        }),
    ),
  );
}
