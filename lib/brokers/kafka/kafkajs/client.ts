import type { Admin, Consumer, Kafka, KafkaConfig, LogEntry, Producer, RequestTimeoutEvent } from 'kafkajs';
import type { Logger } from '../../../base/logger.js';
import { realTime } from '../../../base/real-time.js';
import type { ConnectRequest } from '../../broker.js';
import {
  type CommittedOffset,
  type KafkaClient,
  KafkaClientError,
  type KafkaMember,
  type KafkaProducer,
  type KafkaRecord,
  type Membership,
  type NewTopic,
  type OffsetRange,
  type OwnedPartition,
  type TopicFacts,
  type TopicLimits,
} from '../client.js';
import { clientAddress } from '../options/bootstrap-address.js';
import type { KafkaSettings } from '../options/kafka-options.js';
import { KafkajsCluster, type RawBroker } from './cluster.js';
import { useCodecs } from './codecs.js';
import { translating } from './failures.js';
import { firstContact } from './first-contact.js';
import { lastRecord } from './last-record.js';
import { KafkajsMember } from './member.js';
import { useOwnRecords } from './own-records.js';
import { kafkajs } from './package.js';
import { KafkajsProducer } from './producer.js';
import { type FetchFrom, readPartition } from './read-partition.js';
import { retrying } from './retrying.js';
import { KafkajsSockets } from './sockets.js';
import { stableOffsets, supportsStableOffsets } from './stable-offsets.js';
import { topicFacts, topicLimits } from './topics.js';

/** The number of bytes that `readAll` requests at once. */
const bytesAtOnce = 4 * 1_048_576;

/** The number of checks whether new topics have leaders: for about half a minute. */
const mostLooks = 40;

/** The Kafka client on top of kafkajs. */
export class KafkajsClient implements KafkaClient {
  private readonly admin: Admin;
  private readonly cluster: KafkajsCluster;
  private readonly sockets: KafkajsSockets[] = [];
  private readonly closed = new AbortController();

  private constructor(
    private readonly settings: KafkaSettings,
    private readonly logger: Logger,
    /** All addresses: if none of the brokers named by the cluster can be reached, the client tries them in turn. */
    private readonly bootstrap: readonly string[],
  ) {
    this.admin = this.made((kafka) => kafka.admin());
    this.cluster = new KafkajsCluster((config) => this.made((kafka) => kafka.consumer(config)));
  }

  /** Rejects with an AbortError if the signal is aborted before a broker has answered. */
  static async open(
    settings: KafkaSettings,
    { logger, signal }: Pick<ConnectRequest, 'logger' | 'signal'>,
  ): Promise<KafkajsClient> {
    useCodecs(settings.codecs);
    const answering = await firstContact(settings, logger, signal);
    const others = settings.addresses.filter((address) => address !== answering);
    const client = new KafkajsClient(settings, logger, [answering, ...others].map(clientAddress));
    await client
      .asking(async () => {})
      .catch(async (error) => {
        await client.close().catch(() => {});
        throw error;
      });
    return client;
  }

  topics(topics: readonly string[]): Promise<ReadonlyMap<string, TopicFacts>> {
    return this.asking(() => topicFacts(this.cluster, this.admin, topics));
  }

  limitsOf(topic: string): Promise<TopicLimits> {
    return topicLimits(this.admin, topic).catch((error) => {
      this.logger.debug(
        { err: error, topic },
        `The limits of ${topic} are not known: this user may not read its configuration`,
      );
      return { maxBytes: undefined, isCompacted: undefined };
    });
  }

  async createTopics(topics: readonly NewTopic[]): Promise<void> {
    const made = topics.map(({ topic, partitions, replicationFactor, isCompacted }) => ({
      topic,
      numPartitions: partitions,
      replicationFactor: replicationFactor ?? -1,
      ...(isCompacted === true && { configEntries: [{ name: 'cleanup.policy', value: 'compact' }] }),
    }));
    await translating(this.admin.createTopics({ topics: made, waitForLeaders: false }));
    await this.untilLed(topics.map(({ topic }) => topic));
  }

  /** Waits until new topics have leaders and every broker knows them; the client itself waits only for leaders. */
  private async untilLed(topics: string[]): Promise<void> {
    const isLed = async (): Promise<boolean> => {
      const found = await this.asking(() => this.admin.fetchTopicMetadata({ topics }));
      return found.topics.every(({ partitions }) => partitions.every(({ leader }) => leader >= 0));
    };
    // Producers repeat their requests until there is a leader.
    for (let look = 1; look < mostLooks && !(await isLed()); look++) await realTime.sleep(Math.min(1_000, look * 50));
  }

  offsetsOf(topic: string): Promise<readonly OffsetRange[]> {
    return this.asking(() => this.cluster.offsetsOf(topic));
  }

  async offsetsAt(topic: string, time: number): Promise<readonly number[]> {
    const made: number[] = [];
    for (const [partition, offset] of await this.asking(() => this.cluster.offsetsAt(topic, time)))
      made[partition] = offset;
    return made;
  }

  async lastRecord(topic: string, partition: number): Promise<KafkaRecord | undefined> {
    const range = (await this.offsetsOf(topic)).find((each) => each.partition === partition);
    if (range === undefined) return undefined;
    return this.asking(() => lastRecord(this.cluster, topic, partition, range));
  }

  async readAll(
    topic: string,
    partition: number,
    take: (record: KafkaRecord) => void | Promise<void>,
    left?: (records: number) => void,
    from?: number,
  ): Promise<number> {
    const found = (await this.offsetsOf(topic)).find((each) => each.partition === partition);
    if (found === undefined) return 0;
    // If the records at that offset were deleted, fetching from it fails: skipping them would be a loss.
    const range = { low: from ?? found.low, high: found.high };
    const fetchFrom: FetchFrom = (offset, check) =>
      this.asking(async () => check(await this.cluster.fetch(topic, partition, offset, bytesAtOnce)));
    return readPartition(fetchFrom, `${topic}, partition ${partition}`, range, take, left);
  }

  async committed(group: string, topics: readonly string[] = []): Promise<readonly CommittedOffset[]> {
    const found = await this.asking(() => this.admin.fetchOffsets({ groupId: group, topics: [...topics] }));
    return found.flatMap(({ topic, partitions }) =>
      partitions
        .filter(({ offset }) => offset !== '-1')
        .map(({ partition, offset, metadata }) => ({
          topic,
          partition,
          offset: Number(offset),
          metadata: metadata ?? '',
        })),
    );
  }

  committedFor(group: string, partition: number): Promise<readonly CommittedOffset[]> {
    return this.asking(async () => this.committedBy(await this.cluster.coordinatorOf(group), group, partition));
  }

  private committedAt(address: string, { group, partition }: OwnedPartition): Promise<readonly CommittedOffset[]> {
    return translating(this.cluster.brokerAt(address).then((broker) => this.committedBy(broker, group, partition)));
  }

  private async committedBy(
    coordinator: RawBroker,
    group: string,
    partition: number,
  ): Promise<readonly CommittedOffset[]> {
    if (supportsStableOffsets(coordinator)) return stableOffsets(coordinator, group, partition);
    return (await this.committed(group)).filter((entry) => entry.partition === partition);
  }

  async join(membership: Membership): Promise<KafkaMember> {
    const { settings } = this;
    const member = new KafkajsMember(
      (config) => this.made((kafka) => kafka.consumer(config), membership.reachedEnd),
      settings,
      membership,
    );
    try {
      await member.start();
    } catch (error) {
      await member.leave().catch(() => {});
      throw error;
    }
    return member;
  }

  openProducer(transactionalId: string | undefined, owned?: OwnedPartition): Promise<KafkaProducer> {
    const open = async (): Promise<KafkaProducer> => {
      const producer = new KafkajsProducer(
        (config) => this.made((kafka) => kafka.producer(config)),
        this.settings,
        transactionalId,
      );
      try {
        return await producer.open(owned && { ...owned, committedAt: (address) => this.committedAt(address, owned) });
      } catch (error) {
        await producer.close().catch(() => {});
        // Another process opened the lane at the same time, or its first transaction took too long. The last one owns it.
        const isFenced = error instanceof KafkaClientError && error.kind === 'fenced';
        throw isFenced ? new KafkaClientError('interrupted', error) : error;
      }
    };
    return retrying(this.settings.retry, open, this.logRetry);
  }

  async close(): Promise<void> {
    this.closed.abort();
    await translating(this.cluster.close());
    await translating(this.admin.disconnect());
    // Fails the requests that kafkajs would retry.
    for (const sockets of this.sockets) sockets.closeAll(new Error('The connection was closed.'));
  }

  /** Runs a read-only request, reconnecting if the client has lost its connections. */
  private asking<T>(request: () => Promise<T>): Promise<T> {
    const { admin, settings, logRetry } = this;
    return retrying(settings.retry, () => translating(admin.connect().then(request)), logRetry, this.closed.signal);
  }

  private readonly logRetry = (error: KafkaClientError, attempt: number): void => {
    this.logger.warn({ err: error, attempt }, `Retrying a request to Kafka: ${error.message}`);
  };

  /** Makes a client of kafkajs with connections of its own. */
  private made<C extends Admin | Consumer | Producer>(
    make: (kafka: Kafka) => C,
    reachedEnd?: Membership['reachedEnd'],
  ): C {
    const config = this.settings.client as unknown as KafkaConfig;
    const sockets = new KafkajsSockets(config.socketFactory, this.bootstrap);
    this.sockets.push(sockets);
    const logCreator = () => (entry: LogEntry) => routed(this.logger, entry);
    const brokers = [...this.bootstrap];
    const ours = { brokers, socketFactory: sockets.factory, logLevel: kafkajs.logLevel.WARN, logCreator };
    const kafka = new kafkajs.Kafka({ ...config, ...ours });
    useOwnRecords(kafka, reachedEnd);
    const client = make(kafka);
    const on = client.on as (event: string, listener: (event: RequestTimeoutEvent) => void) => void;
    on(client.events.REQUEST_TIMEOUT, ({ payload }) => sockets.closeTo(payload.broker));
    return client;
  }
}

/** Answers in normal operation, after which the request is repeated. */
const isRoutine = (message: string): boolean =>
  /^Response |concurrent operation on the same transaction|group is rebalancing/.test(message);

/**
 * Most of the errors that kafkajs logs are attempts that it repeats. Only these fields are passed on, never its
 * options.
 */
function routed(logger: Logger, { namespace, level, log }: LogEntry): void {
  const { message, error, broker, groupId, topic, partition, retryCount } = log;
  const fields = { client: namespace, err: error, broker, group: groupId, topic, partition, retryCount };
  if (level === kafkajs.logLevel.ERROR && !isRoutine(message)) logger.warn(fields, message);
  else logger.debug(fields, message);
}
