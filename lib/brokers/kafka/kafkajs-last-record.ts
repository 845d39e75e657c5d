import type { Cluster, Consumer, ConsumerConfig, PartitionAssigner } from 'kafkajs';
import type { KafkaRecord } from './client.js';

/** So many marks of transactions at the end of a partition are looked behind. */
const mostMarks = 100;

/** Reads single records without a group: only from an assigner does the client hand out what that takes. */
export class LastRecords {
  private cluster: Cluster | undefined;
  private isUsed = false;

  constructor(makeConsumer: (config: ConsumerConfig) => Consumer) {
    const takeCluster: PartitionAssigner = ({ cluster }) => {
      this.cluster = cluster;
      return {
        name: 'none',
        version: 0,
        assign: async () => [],
        protocol: () => ({ name: '', metadata: Buffer.of() }),
      };
    };
    makeConsumer({ groupId: 'none', partitionAssigners: [takeCluster] });
  }

  /** The last record of a partition that is for readers, between these offsets. */
  async find(topic: string, partition: number, low: number, high: number): Promise<KafkaRecord | undefined> {
    for (let offset = high - 1; offset >= Math.max(low, high - mostMarks); offset--) {
      const found = (await this.fetch(topic, partition, offset)).filter(
        (record) => Number(record.offset) >= offset && !record.isControlRecord,
      );
      if (found.length > 0) return found.at(-1);
    }
    return undefined;
  }

  async close(): Promise<void> {
    if (this.isUsed) await this.cluster?.disconnect();
  }

  private async fetch(topic: string, partition: number, offset: number): Promise<readonly FetchedRecord[]> {
    const cluster = this.cluster as Cluster;
    this.isUsed = true;
    await cluster.connect();
    await cluster.addTargetTopic(topic);
    await cluster.refreshMetadataIfNecessary();
    const [nodeId] = Object.keys(cluster.findLeaderForPartitions(topic, [partition]));
    const broker = await cluster.findBroker({ nodeId: nodeId as string });
    const partitions = [{ partition, fetchOffset: String(offset), maxBytes: 1_048_576 }];
    const { responses } = await broker.fetch({ maxWaitTime: 0, minBytes: 0, topics: [{ topic, partitions }] });
    return responses[0].partitions[0].messages;
  }
}

type FetchedRecord = KafkaRecord & { readonly isControlRecord: boolean };
