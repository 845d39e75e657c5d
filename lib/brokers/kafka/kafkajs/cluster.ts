import type { Broker, Cluster, Consumer, ConsumerConfig, PartitionAssigner } from 'kafkajs';
import { KafkaClientError, type OffsetRange } from '../client.js';
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
    makeConsumer({ groupId: 'none', partitionAssigners: [takeCluster], allowAutoTopicCreation: false });
  }

  /** Fetches from a partition, without a group. */
  fetch(topic: string, partition: number, offset: number, maxBytes: number): Promise<FetchedPart> {
    return this.knowing(topic, async (cluster) => {
      const [nodeId] = Object.keys(cluster.findLeaderForPartitions(topic, [partition]));
      const broker = await cluster.findBroker({ nodeId: nodeId as string });
      const partitions = [{ partition, fetchOffset: String(offset), maxBytes }];
      const found = await fetchedFrom(broker, { maxWaitTime: 0, minBytes: 0, topics: [{ topic, partitions }] });
      const end = Number(found.highWatermark);
      const fetched = found.messages[0]?.fetched;
      if (fetched?.isOutOfRange === true) {
        throw new KafkaClientError('other', `${topic}, partition ${partition}, does not have the offset ${offset}`);
      }
      return { fetched, end, readable: readableUpTo(end, Number(found.lastStableOffset)) };
    });
  }

  /** The first available offset and the offset after the last record that is visible to readers, by partition. */
  offsetsOf(topic: string): Promise<readonly OffsetRange[]> {
    return this.knowing(topic, async (cluster) => {
      const highs = await offsetsIn(cluster, topic, { fromBeginning: false });
      const lows = new Map(await offsetsIn(cluster, topic, { fromBeginning: true }));
      return highs.map(([partition, high]) => ({ partition, low: lows.get(partition) as number, high }));
    });
  }

  /** The first offset at or after a time, by partition; -1 if there is none. */
  offsetsAt(topic: string, time: number): Promise<readonly (readonly [partition: number, offset: number])[]> {
    return this.knowing(topic, (cluster) => offsetsIn(cluster, topic, { fromTimestamp: time }));
  }

  /**
   * Makes requests to the leaders of a topic's partitions. If that fails, the next request looks up the leaders again: a
   * retry would ask the former ones. Not here, since nothing more may be sent once the client is closed.
   */
  private async knowing<T>(topic: string, request: (cluster: Cluster) => Promise<T>): Promise<T> {
    const cluster = await this.connected();
    await cluster.addTargetTopic(topic);
    await cluster.refreshMetadataIfNecessary();
    try {
      return await request(cluster);
    } catch (error) {
      if (!(error instanceof KafkaClientError)) (cluster as unknown as ClusterInside).brokerPool.metadataExpireAt = 0;
      throw error;
    }
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

  /** The broker with this address, `host:port`, as the cluster names it. */
  async brokerAt(address: string): Promise<RawBroker> {
    const cluster = await this.connected();
    const { brokerPool } = cluster as unknown as ClusterInside;
    const nodeWith = (): string | undefined =>
      Object.entries(brokerPool.brokers).find(
        ([, { connectionPool }]) => `${connectionPool.host}:${connectionPool.port}` === address,
      )?.[0];
    if (nodeWith() === undefined) await cluster.refreshMetadata();
    const nodeId = nodeWith();
    if (nodeId === undefined) throw new KafkaClientError('interrupted', `the cluster has no broker ${address}`);
    return (await cluster.findBroker({ nodeId })) as unknown as RawBroker;
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

type FetchOf = Parameters<Broker['fetch']>[0];

/**
 * Fetches from one partition. A broker that throttles this client, by a quota, answers without the partition: kafkajs
 * waits as long as the answer says before it sends the next request.
 */
async function fetchedFrom(broker: Broker, request: FetchOf): Promise<FetchedPartition> {
  for (;;) {
    const { responses } = await broker.fetch(request);
    const [found] = (responses[0]?.partitions ?? []) as unknown as FetchedPartition[];
    if (found !== undefined) return found;
  }
}

type OffsetsWanted = { readonly fromBeginning: boolean } | { readonly fromTimestamp: number };

async function offsetsIn(
  cluster: Cluster,
  topic: string,
  wanted: OffsetsWanted,
): Promise<(readonly [partition: number, offset: number])[]> {
  const partitions = cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => ({ partition: partitionId }));
  const [found] = await cluster.fetchTopicsOffset([{ topic, partitions, ...wanted } as any]);
  return (found?.partitions ?? []).map(({ partition, offset }) => [partition, Number(offset)] as const);
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
  readonly brokerPool: {
    metadataExpireAt: number | null;
    /** By their ids. */
    readonly brokers: Readonly<Record<string, { readonly connectionPool: { host: string; port: number } }>>;
    findConnectedBroker(): Promise<RawBroker>;
  };
}
