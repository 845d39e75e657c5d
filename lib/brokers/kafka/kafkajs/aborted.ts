import type { Broker, Cluster } from 'kafkajs';
import type { KafkaRecord } from '../client.js';

/** A record as the client decodes it. Control records, such as the marks of transactions, are not for users. */
export interface DecodedRecord extends KafkaRecord {
  isControlRecord: boolean;
  readonly batchContext: { readonly producerId: string; readonly inTransaction: boolean };
}

/** What an answer to a fetch has of one partition. */
export interface DecodedPartition {
  readonly messages: readonly DecodedRecord[];
  /** In the order in which they were aborted, not in that in which they began. */
  abortedTransactions: readonly AbortedTransaction[] | null;
}

interface AbortedTransaction {
  readonly producerId: string;
  readonly firstOffset: string;
}

/** The key of the record that ends a transaction which was aborted. */
const abortKey = Buffer.of(0, 0, 0, 0);

/**
 * Makes records of aborted transactions control records, so that the client drops them. Its own filter assumes that
 * transactions are listed in the order in which they began, and that at most one of them begins at a record. Where several
 * producers write to a partition, it lets records of aborted transactions through.
 */
export function hideAborted(partition: DecodedPartition): void {
  const { messages, abortedTransactions } = partition;
  if (abortedTransactions === null || abortedTransactions.length === 0) return;
  const left = [...abortedTransactions].sort((a, b) => Number(a.firstOffset) - Number(b.firstOffset));
  let next = 0;
  const aborted = new Set<string>();
  for (const record of messages) {
    for (; next < left.length && Number(left[next]!.firstOffset) <= Number(record.offset); next++) {
      aborted.add(left[next]!.producerId);
    }
    const { producerId, inTransaction } = record.batchContext;
    if (!record.isControlRecord) record.isControlRecord = inTransaction && aborted.has(producerId);
    else if (abortKey.equals(record.key ?? Buffer.of())) aborted.delete(producerId);
  }
  partition.abortedTransactions = null;
}

/** Hides what was aborted in all that a client fetches. */
export function hideAbortedOf(cluster: Cluster): void {
  const hiding = new WeakSet<Broker>();
  const find = cluster.findBroker.bind(cluster);
  cluster.findBroker = async (node) => {
    const broker = await find(node);
    if (!hiding.has(broker)) {
      hiding.add(broker);
      const fetch = broker.fetch.bind(broker);
      broker.fetch = async (request) => {
        const answer = await fetch(request);
        for (const { partitions } of answer.responses) {
          for (const partition of partitions) hideAborted(partition as unknown as DecodedPartition);
        }
        return answer;
      };
    }
    return broker;
  };
}
