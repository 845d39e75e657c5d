import { KafkaClientError, type KafkaRecord } from '../client.js';
import type { DecodedPartition } from './aborted.js';
import type { KafkajsCluster } from './cluster.js';
import { whyUndecoded } from './undecoded.js';

const bytesAtOnce = 4 * 1_048_576;

/** All records of a partition between these offsets that are for readers, in order. Read without a group. */
export async function readPartition(
  cluster: KafkajsCluster,
  topic: string,
  partition: number,
  { low, high }: { readonly low: number; readonly high: number },
  take: (record: KafkaRecord) => void | Promise<void>,
  left?: (records: number) => void,
): Promise<void> {
  for (let offset = low; offset < high; ) {
    left?.(high - offset);
    const broker = await cluster.leaderOf(topic, partition);
    const partitions = [{ partition, fetchOffset: String(offset), maxBytes: bytesAtOnce }];
    const { responses } = await broker.fetch({ maxWaitTime: 0, minBytes: 0, topics: [{ topic, partitions }] });
    const { messages } = responses[0].partitions[0] as unknown as DecodedPartition;
    const records = messages.filter((record) => Number(record.offset) >= offset);
    for (const record of records) {
      if (record.isControlRecord) continue;
      const why = whyUndecoded(record);
      if (why !== undefined)
        throw new KafkaClientError('other', `${topic}, partition ${partition}, cannot be read: ${why}`);
      const pressure = Number(record.offset) < high ? take(record) : undefined;
      if (pressure !== undefined) await pressure;
    }
    const last = records.at(-1);
    // What was there has been compacted away.
    if (last === undefined) return;
    offset = Number(last.offset) + 1;
  }
}
