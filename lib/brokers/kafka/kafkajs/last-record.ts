import { KafkaClientError, type KafkaRecord } from '../client.js';
import type { DecodedPartition, DecodedRecord } from './aborted.js';
import type { KafkajsCluster } from './cluster.js';
import { whyUndecoded } from './undecoded.js';

/** At most this many marks of transactions at the end of a partition are skipped. */
const mostMarks = 100;

/** The last record of a partition that is for readers, between these offsets. Read without a group. */
export async function lastRecord(
  cluster: KafkajsCluster,
  topic: string,
  partition: number,
  { low, high }: { readonly low: number; readonly high: number },
): Promise<KafkaRecord | undefined> {
  for (let offset = high - 1; offset >= Math.max(low, high - mostMarks); offset--) {
    const found = (await fetched(cluster, topic, partition, offset)).filter(
      (record) => Number(record.offset) >= offset && !record.isControlRecord,
    );
    const last = found.at(-1);
    const why = last && whyUndecoded(last);
    if (why !== undefined) {
      throw new KafkaClientError(
        'other',
        `the last record of ${topic}, partition ${partition}, cannot be read: ${why}`,
      );
    }
    if (last !== undefined) return last;
  }
  return undefined;
}

async function fetched(
  cluster: KafkajsCluster,
  topic: string,
  partition: number,
  offset: number,
): Promise<readonly DecodedRecord[]> {
  const broker = await cluster.leaderOf(topic, partition);
  const partitions = [{ partition, fetchOffset: String(offset), maxBytes: 1_048_576 }];
  const { responses } = await broker.fetch({ maxWaitTime: 0, minBytes: 0, topics: [{ topic, partitions }] });
  return (responses[0].partitions[0] as unknown as DecodedPartition).messages;
}
