import type { Broker, Cluster, Consumer, ConsumerConfig, PartitionAssigner } from 'kafkajs';
import { KafkaClientError } from '../client.js';
import { type FetchedPartition, readableUpTo } from './records/fetch-answer.js';
import type { FetchedSet } from './records/read-records.js';

/** The result of a fetch from one partition. */
export interface FetchedPart {
  /** Undefined if there are no records. */
  readonly fetched: FetchedSet | undefined;
  /** The offset after the last record. */
  readonly end: number;
  /** The offset up to which records can be read now: an open transaction may follow. */
  readonly readable: number;
}

/** The internals of the client's cluster, which it exposes only to an assigner. */
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

  /** Fetches from a partition, without a group. */
  async fetch(topic: string, partition: number, offset: number, maxBytes: number): Promise<FetchedPart> {
    const broker = await this.leaderOf(topic, partition);
    const partitions = [{ partition, fetchOffset: String(offset), maxBytes }];
    const { responses } = await broker.fetch({ maxWaitTime: 0, minBytes: 0, topics: [{ topic, partitions }] });
    const found = responses[0].partitions[0] as unknown as FetchedPartition | undefined;
    const end = Number(found?.highWatermark ?? -1);
    const fetched = found?.messages[0]?.fetched;
    if (fetched?.isOutOfRange === true) {
      throw new KafkaClientError('other', `${topic}, partition ${partition}, does not have the offset ${offset}`);
    }
    return { fetched, end, readable: readableUpTo(end, Number(found?.lastStableOffset ?? -1)) };
  }

  private async leaderOf(topic: string, partition: number): Promise<Broker> {
    const cluster = await this.connected();
    await cluster.addTargetTopic(topic);
    await cluster.refreshMetadataIfNecessary();
    const [nodeId] = Object.keys(cluster.findLeaderForPartitions(topic, [partition]));
    return cluster.findBroker({ nodeId: nodeId as string });
  }

  /** Any broker, with the versions of the requests that it supports. */
  async anyBroker(): Promise<RawBroker> {
    const { brokerPool } = (await this.connected()) as unknown as ClusterInside;
    return brokerPool.findConnectedBroker();
  }

  /** The broker that keeps the commits of a group. */
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

/** A broker, for requests that the client itself does not support. */
export interface RawBroker {
  /** By the key of the request. */
  readonly versions: Readonly<Record<number, { readonly maxVersion: number }>>;
  readonly connectionPool: { send<T>(exchange: RawExchange<T>): Promise<T> };
}

/** An encoded request, and the decoder of its answer. */
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
