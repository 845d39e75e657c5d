import type { Broker, Cluster, Consumer, ConsumerConfig, PartitionAssigner } from 'kafkajs';
import type { FetchedMessage } from './records/fetch-answer.js';
import type { FetchedSet } from './records/read-records.js';

/** What the client knows of a cluster, beneath what it offers: only to an assigner does it hand that out. */
export class KafkajsCluster {
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

  /** Fetches from a partition, without a group; undefined if there is nothing. */
  async fetch(topic: string, partition: number, offset: number, maxBytes: number): Promise<FetchedSet | undefined> {
    const broker = await this.leaderOf(topic, partition);
    const partitions = [{ partition, fetchOffset: String(offset), maxBytes }];
    const { responses } = await broker.fetch({ maxWaitTime: 0, minBytes: 0, topics: [{ topic, partitions }] });
    const messages = responses[0].partitions[0]?.messages as unknown as readonly FetchedMessage[] | undefined;
    return messages?.[0]?.fetched;
  }

  private async leaderOf(topic: string, partition: number): Promise<Broker> {
    const cluster = await this.connected();
    await cluster.addTargetTopic(topic);
    await cluster.refreshMetadataIfNecessary();
    const [nodeId] = Object.keys(cluster.findLeaderForPartitions(topic, [partition]));
    return cluster.findBroker({ nodeId: nodeId as string });
  }

  /** Any broker, and which versions of which requests it takes. */
  async anyBroker(): Promise<RawBroker> {
    const { brokerPool } = (await this.connected()) as unknown as ClusterInside;
    return brokerPool.findConnectedBroker();
  }

  /** The broker that keeps what a group has committed. */
  async coordinatorOf(group: string): Promise<RawBroker> {
    const cluster = (await this.connected()) as unknown as ClusterInside;
    return cluster.findGroupCoordinator({ groupId: group });
  }

  async close(): Promise<void> {
    if (this.isUsed) await this.cluster?.disconnect();
  }

  private async connected(): Promise<Cluster> {
    const cluster = this.cluster as Cluster;
    this.isUsed = true;
    await cluster.connect();
    return cluster;
  }
}

/** A broker that takes requests which the client itself does not know. */
export interface RawBroker {
  /** By the request's key. */
  readonly versions: Readonly<Record<number, { readonly maxVersion: number }>>;
  readonly connectionPool: { send<T>(exchange: RawExchange<T>): Promise<T> };
}

/** A request that is encoded already, and how its answer is read. */
interface RawExchange<T> {
  readonly request: {
    readonly apiKey: number;
    readonly apiVersion: number;
    readonly apiName: string;
    encode(): Promise<{ readonly buf: Buffer; readonly buffer: Buffer }>;
  };
  readonly response: { decode(answer: Buffer): Promise<T>; parse(decoded: T): Promise<T> };
}

interface ClusterInside {
  findGroupCoordinator(group: { readonly groupId: string }): Promise<RawBroker>;
  readonly brokerPool: { findConnectedBroker(): Promise<RawBroker> };
}
