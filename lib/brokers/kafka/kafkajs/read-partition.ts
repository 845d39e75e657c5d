import { KafkaClientError, type KafkaRecord } from '../client.js';
import type { KafkajsCluster } from './cluster.js';
import { whyUndecoded } from './undecoded.js';

const bytesAtOnce = 4 * 1_048_576;
/** The key of the record that ends a transaction which came to nothing. */
const abortKey = Buffer.of(0, 0, 0, 0);

interface FetchedRecord extends KafkaRecord {
  readonly isControlRecord: boolean;
  readonly batchContext: { readonly producerId: string; readonly inTransaction: boolean };
}

interface Fetched {
  readonly messages: readonly FetchedRecord[];
  readonly abortedTransactions: readonly { readonly producerId: string; readonly firstOffset: string }[] | null;
}

/** All records of a partition between these offsets that are for readers, in order. Read without a group. */
export async function readPartition(
  cluster: KafkajsCluster,
  topic: string,
  partition: number,
  { low, high }: { readonly low: number; readonly high: number },
  take: (record: KafkaRecord) => void,
  left?: (records: number) => void,
): Promise<void> {
  for (let offset = low; offset < high; ) {
    left?.(high - offset);
    const broker = await cluster.leaderOf(topic, partition);
    const partitions = [{ partition, fetchOffset: String(offset), maxBytes: bytesAtOnce }];
    const { responses } = await broker.fetch({ maxWaitTime: 0, minBytes: 0, topics: [{ topic, partitions }] });
    const { messages, abortedTransactions } = responses[0].partitions[0] as unknown as Fetched;
    const records = messages.filter((record) => Number(record.offset) >= offset);
    for (const record of committed(records, abortedTransactions ?? [])) {
      const why = whyUndecoded(record);
      if (why !== undefined)
        throw new KafkaClientError('other', `${topic}, partition ${partition}, cannot be read: ${why}`);
      if (Number(record.offset) < high) take(record);
    }
    const last = records.at(-1);
    // What was there has been compacted away.
    if (last === undefined) return;
    offset = Number(last.offset) + 1;
  }
}

/** Without control records, and without those of transactions that came to nothing. */
function* committed(records: readonly FetchedRecord[], aborted: NonNullable<Fetched['abortedTransactions']>) {
  const left = [...aborted];
  const ignored = new Set<string>();
  for (const record of records) {
    while (left[0] !== undefined && Number(record.offset) >= Number(left[0].firstOffset)) {
      ignored.add(left.shift()!.producerId);
    }
    const { producerId, inTransaction } = record.batchContext;
    if (record.isControlRecord) {
      if (abortKey.equals(record.key ?? Buffer.of())) ignored.delete(producerId);
    } else if (!inTransaction || !ignored.has(producerId)) yield record;
  }
}
