import { KafkaClientError, type KafkaRecord } from '../client.js';
import type { KafkajsCluster } from './cluster.js';

const bytesAtOnce = 4 * 1_048_576;

/** Reads all records of a partition between these offsets that are visible to readers, in order, without a group. */
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
    const { fetched, readable = high } = await cluster.fetch(topic, partition, offset, bytesAtOnce);
    if (fetched === undefined) {
      // The records that were there were compacted away.
      if (readable >= high) return;
      const what = `${topic}, partition ${partition}, has records up to offset ${high}`;
      const why = 'a transaction is open, or the leader has just changed';
      throw new KafkaClientError(
        'interrupted',
        `${what}, of which those from ${readable} on cannot be read yet: ${why}`,
      );
    }
    for (const record of fetched.records) {
      const pressure = record.offset < high ? take(record) : undefined;
      if (pressure !== undefined) await pressure;
    }
    if (fetched.undecoded !== undefined) {
      const what = `${topic}, partition ${partition}, cannot be read`;
      throw new KafkaClientError('other', `${what}: ${fetched.undecoded.why}`);
    }
    offset = fetched.next;
  }
}
