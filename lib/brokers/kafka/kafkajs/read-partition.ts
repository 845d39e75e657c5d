import { KafkaClientError, type KafkaRecord } from '../client.js';
import type { KafkajsCluster } from './cluster.js';

const bytesAtOnce = 4 * 1_048_576;

/**
 * Reads all records of a partition that are visible to readers, in order, without a group. Returns the offset after the
 * last one. Rejects as interrupted, before it takes records, if some cannot be read yet: `high`, the end for readers of
 * committed records, is before an open transaction.
 */
export async function readPartition(
  cluster: KafkajsCluster,
  topic: string,
  partition: number,
  { low, high }: { readonly low: number; readonly high: number },
  take: (record: KafkaRecord) => void | Promise<void>,
  left?: (records: number) => void,
): Promise<number> {
  let end: number | undefined;
  for (let offset = low; end === undefined || offset < end; ) {
    left?.((end ?? high) - offset);
    const part = await cluster.fetch(topic, partition, offset, bytesAtOnce);
    const isFirst = end === undefined;
    end ??= Math.max(high, part.end);
    const { fetched } = part;
    if (part.readable < end && (isFirst || fetched === undefined)) {
      throw notReadable(`${topic}, partition ${partition}`, part.readable, end);
    }
    // Compaction has removed the records.
    if (fetched === undefined) break;
    for (const record of fetched.records) {
      const pressure = record.offset < end ? take(record) : undefined;
      if (pressure !== undefined) await pressure;
    }
    if (fetched.undecoded !== undefined) {
      const what = `${topic}, partition ${partition}, cannot be read`;
      throw new KafkaClientError('other', `${what}: ${fetched.undecoded.why}`);
    }
    offset = fetched.next;
  }
  return end ?? high;
}

/** It is retried. */
function notReadable(what: string, readable: number, end: number): KafkaClientError {
  const why = 'a transaction is open, or the leader has just changed';
  return new KafkaClientError(
    'interrupted',
    `${what}, has records up to offset ${end}, and those from ${readable} on cannot be read yet: ${why}`,
  );
}
