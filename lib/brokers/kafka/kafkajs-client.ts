import { setTimeout as wait } from 'node:timers/promises';
import { type Admin, Kafka, type KafkaConfig, type LogEntry, logLevel } from 'kafkajs';
import type { Logger } from '../../base/logger.js';
import type {
  CommittedOffset,
  KafkaClient,
  KafkaMember,
  KafkaProducer,
  KafkaRecord,
  Membership,
  NewTopic,
  OffsetRange,
} from './client.js';
import type { KafkaSettings } from './kafka-options.js';
import { translating } from './kafkajs-failures.js';
import { LastRecords } from './kafkajs-last-record.js';
import { KafkajsMember } from './kafkajs-member.js';
import { KafkajsProducer } from './kafkajs-producer.js';

/** For about half a minute. */
const mostAttempts = 40;
const pauseMs = (attempt: number): number => Math.min(1_000, attempt * 50);

/** The client seam on kafkajs. */
export class KafkajsClient implements KafkaClient {
  private readonly kafka: Kafka;
  private readonly admin: Admin;
  private readonly lastRecords: LastRecords;

  constructor(
    private readonly settings: KafkaSettings,
    logger: Logger,
  ) {
    this.kafka = new Kafka({
      ...(settings.client as unknown as KafkaConfig),
      logLevel: logLevel.WARN,
      logCreator: () => (entry) => routed(logger, entry),
    });
    this.admin = this.kafka.admin();
    this.lastRecords = new LastRecords(this.kafka);
  }

  async open(): Promise<this> {
    await translating(this.admin.connect());
    return this;
  }

  async partitionCounts(topics: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const known = new Set(await translating(this.admin.listTopics()));
    const asked = topics.filter((topic) => known.has(topic));
    const metadata = await translating(this.admin.fetchTopicMetadata({ topics: asked }));
    return new Map(metadata.topics.map(({ name, partitions }) => [name, partitions.length]));
  }

  async createTopics(topics: readonly NewTopic[]): Promise<void> {
    const made = topics.map(({ topic, partitions, replicationFactor }) => ({
      topic,
      numPartitions: partitions,
      replicationFactor: replicationFactor ?? -1,
    }));
    await translating(this.admin.createTopics({ topics: made, waitForLeaders: false }));
    await translating(this.untilLed(topics.map(({ topic }) => topic)));
  }

  /** A new topic has no leaders yet, or is not known to every broker; the client itself waits only for the former. */
  private async untilLed(topics: string[]): Promise<void> {
    const isLed = async (): Promise<boolean> => {
      const found = await repeating(() => this.admin.fetchTopicMetadata({ topics }));
      return found.topics.every(({ partitions }) => partitions.every(({ leader }) => leader >= 0));
    };
    // What writes there repeats its request until there is a leader.
    for (let attempt = 1; attempt < mostAttempts && !(await isLed()); attempt++) await wait(pauseMs(attempt));
  }

  async offsetsOf(topic: string): Promise<readonly OffsetRange[]> {
    const offsets = await translating(this.admin.fetchTopicOffsets(topic));
    return offsets.map(({ partition, low, high }) => ({ partition, low: Number(low), high: Number(high) }));
  }

  async offsetsAt(topic: string, time: number): Promise<readonly number[]> {
    const made: number[] = [];
    for (const { partition, offset } of await translating(this.admin.fetchTopicOffsetsByTimestamp(topic, time))) {
      made[partition] = Number(offset);
    }
    return made;
  }

  async lastRecord(topic: string, partition: number): Promise<KafkaRecord | undefined> {
    const range = (await this.offsetsOf(topic)).find((each) => each.partition === partition);
    if (range === undefined) return undefined;
    return translating(this.lastRecords.find(topic, partition, range.low, range.high));
  }

  async committed(group: string, topics: readonly string[]): Promise<readonly CommittedOffset[]> {
    const found = await translating(repeating(() => this.admin.fetchOffsets({ groupId: group, topics: [...topics] })));
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

  async join(membership: Membership): Promise<KafkaMember> {
    const member = new KafkajsMember(this.kafka, this.settings, membership);
    try {
      await member.start();
    } catch (error) {
      await member.leave().catch(() => {});
      throw error;
    }
    return member;
  }

  openProducer(transactionalId: string | undefined): Promise<KafkaProducer> {
    return new KafkajsProducer(this.kafka, this.settings, transactionalId).open();
  }

  async close(): Promise<void> {
    await translating(this.lastRecords.close());
    await translating(this.admin.disconnect());
  }
}

/** What kafkajs calls errors are mostly attempts that it repeats; only these fields are passed on, never its options. */
function routed(logger: Logger, { namespace, level, log }: LogEntry): void {
  const { message, error, broker, groupId, topic, partition, retryCount } = log;
  const fields = { client: namespace, err: error, broker, group: groupId, topic, partition, retryCount };
  if (level === logLevel.ERROR) logger.warn(fields, message);
  else logger.debug(fields, message);
}

/** Repeats requests that the client sends once: a coordinator that moves, or a topic that is new, is known a moment later. */
async function repeating<T>(request: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await request();
    } catch (error) {
      if ((error as { retriable?: boolean }).retriable !== true || attempt === mostAttempts) throw error;
      await wait(pauseMs(attempt));
    }
  }
}
