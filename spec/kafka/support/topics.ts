import { setTimeout as wait } from 'node:timers/promises';
import { type Admin, type Consumer, Kafka, logLevel, type Producer } from 'kafkajs';
import { KafkajsCluster } from '../../../lib/brokers/kafka/kafkajs/cluster.js';
import { stableOffsets } from '../../../lib/brokers/kafka/kafkajs/stable-offsets.js';
import { range } from '../../mill/support/model.js';
import { kafkaAddress, uniqueName } from './on-kafka.js';

export const endRecord = { value: '{"watermill":"end-of-stream"}', headers: { watermill: 'end-of-stream' } } as const;

/** A record in a test: an object is written as JSON, text, bytes and null unchanged. */
export type TestValue = object | string | Buffer | null;

export interface ReadRecord {
  readonly partition: number;
  readonly offset: number;
  readonly key: string | null;
  readonly value: string | null;
  readonly headers: Readonly<Record<string, Buffer>>;
  readonly isEnd: boolean;
  readonly timestamp: number;
}

interface TestOffset {
  readonly partition: number;
  readonly offset: string;
  readonly metadata: string | null;
}

/** The operations of tests on a cluster, by a separate client. */
export class TestCluster {
  readonly kafka: Kafka;
  private admin: Admin;
  private producer: Producer | undefined;
  private readonly inside: KafkajsCluster;

  constructor(address = kafkaAddress) {
    this.kafka = new Kafka({ brokers: [address ?? 'none'], logLevel: logLevel.NOTHING });
    this.admin = this.kafka.admin();
    this.inside = new KafkajsCluster((config) => this.kafka.consumer(config));
  }

  async open(): Promise<this> {
    await this.admin.connect();
    this.producer = this.kafka.producer({
      createPartitioner:
        () =>
        ({ message }) =>
          message.partition ?? 0,
    });
    await this.producer.connect();
    return this;
  }

  async close(): Promise<void> {
    await this.producer?.disconnect();
    await this.admin.disconnect();
    await this.inside.close();
  }

  /** Creates a topic. */
  async topic(partitions = 1, config: Readonly<Record<string, string>> = {}): Promise<string> {
    return this.create(uniqueName('topic'), partitions, config);
  }

  async create(topic: string, partitions: number, config: Readonly<Record<string, string>>): Promise<string> {
    const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }));
    await this.admin.createTopics({
      waitForLeaders: false,
      topics: [{ topic, numPartitions: partitions, configEntries }],
    });
    while (!(await this.isLed(topic))) await wait(20);
    return topic;
  }

  /** Deletes a topic, and waits until the cluster has dropped it. */
  async delete(topic: string): Promise<void> {
    await this.admin.deleteTopics({ topics: [topic] });
    while (await this.exists(topic)) await wait(10);
    // The clients would request it forever.
    await this.close();
    this.admin = this.kafka.admin();
    await this.open();
  }

  /** Recreates a topic with a former name. */
  async makeAnew(topic: string, partitions = 1, config: Readonly<Record<string, string>> = {}): Promise<void> {
    const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }));
    const made = { topic, numPartitions: partitions, configEntries };
    await this.admin.createTopics({ waitForLeaders: false, topics: [made] });
    while (!(await this.isLed(topic))) await wait(10);
  }

  /** Writes a record with an explicit timestamp. */
  async writeAt(topic: string, timestamp: string, value: object): Promise<void> {
    await this.producer?.send({ topic, messages: [{ partition: 0, timestamp, value: JSON.stringify(value) }] });
  }

  async alter(topic: string, config: Readonly<Record<string, string>>): Promise<void> {
    const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }));
    await this.admin.alterConfigs({ validateOnly: false, resources: [{ type: 2, name: topic, configEntries }] });
    const resource = { type: 2, name: topic, configNames: Object.keys(config) };
    for (;;) {
      const { resources } = await this.admin.describeConfigs({ includeSynonyms: false, resources: [resource] });
      const found = resources[0]?.configEntries ?? [];
      if (found.every(({ configName, configValue }) => config[configName] === configValue)) break;
    }
    // The broker knows it now, and has processed it when it responds to later requests.
    await this.topic();
  }

  async exists(topic: string): Promise<boolean> {
    return (await this.admin.listTopics()).includes(topic);
  }

  /** The number of partitions of a topic. */
  async partitions(topic: string): Promise<number> {
    return (await this.admin.fetchTopicMetadata({ topics: [topic] })).topics[0]?.partitions.length ?? 0;
  }

  async addPartitions(topic: string, count: number): Promise<void> {
    await this.admin.createPartitions({ topicPartitions: [{ topic, count }] });
  }

  /** The client's own waiting fails on a broker that does not know the topic yet. */
  private async isLed(topic: string): Promise<boolean> {
    const found = await this.admin.fetchTopicMetadata({ topics: [topic] }).catch(() => undefined);
    return found?.topics[0]?.partitions.every(({ leader }) => leader >= 0) ?? false;
  }

  async write(topic: string, values: readonly TestValue[], partition = 0): Promise<void> {
    for (let from = 0; from < values.length; from += 500) {
      const messages = values.slice(from, from + 500).map((value) => ({
        partition,
        value: typeof value === 'object' && value !== null && !Buffer.isBuffer(value) ? JSON.stringify(value) : value,
      }));
      await this.producer?.send({ topic, messages });
    }
  }

  /** Writes records in a transaction, followed by its marker, which is not a record. */
  async writeInTransaction(topic: string, values: readonly object[], isCommitted = true): Promise<void> {
    await (await this.writeInOpenTransaction(topic, values))(isCommitted);
  }

  /** Writes records in a transaction, which stays open until it is ended by the returned function. */
  async writeInOpenTransaction(topic: string, values: readonly object[]): Promise<(commit: boolean) => Promise<void>> {
    const producer = this.kafka.producer({ idempotent: true, transactionalId: uniqueName('writer') });
    await producer.connect();
    const transaction = await producer.transaction();
    await transaction.send({
      topic,
      messages: values.map((value) => ({ partition: 0, value: JSON.stringify(value) })),
    });
    return async (isCommitted) => {
      await (isCommitted ? transaction.commit() : transaction.abort());
      await producer.disconnect();
    };
  }

  async end(topic: string, partitions = 1): Promise<void> {
    for (let partition = 0; partition < partitions; partition++) await this.endPartition(topic, partition);
  }

  async endPartition(topic: string, partition: number): Promise<void> {
    await this.producer?.send({ topic, messages: [{ partition, ...endRecord }] });
  }

  async deleteBefore(topic: string, offset: number): Promise<void> {
    // The client finds the leader only of topics that it has requested before.
    await this.admin.fetchTopicOffsets(topic);
    await this.admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: String(offset) }] });
  }

  async setOffset(groupId: string, topic: string, offset: number): Promise<void> {
    await this.admin.setOffsets({ groupId, topic, partitions: [{ partition: 0, offset: String(offset) }] });
  }

  /** What a group has committed. A committed transaction moves its offsets a little after the client is told so. */
  async committed(groupId: string, topic: string): Promise<readonly TestOffset[]> {
    const partitions = range(await this.partitions(topic));
    const coordinator = await this.inside.coordinatorOf(groupId);
    await Promise.all(partitions.map((partition) => stableOffsets(coordinator, groupId, partition)));
    return this.committedNow(groupId, topic);
  }

  private async committedNow(groupId: string, topic: string): Promise<readonly TestOffset[]> {
    // The client does not retry a coordinator that has just started.
    const found = await this.admin.fetchOffsets({ groupId, topics: [topic] }).catch(() => []);
    return found[0]?.partitions ?? [];
  }

  /** Returns the number of lanes of a group that have written everything, except for end marks that wait for others. */
  async lanesWritten(groupId: string, topic: string): Promise<number> {
    const committed = await this.committedNow(groupId, topic);
    return committed.filter(({ metadata }) => /^watermill1[me]/.test(metadata ?? '')).length;
  }

  /**
   * Resolves when the log cleaner has removed records of every partition of a compacted topic that were written before
   * and have a later one with their key. Returns the number of remaining ones.
   */
  async compacted(topic: string): Promise<number> {
    const placeOf = ({ partition, offset }: ReadRecord): string => `${partition} ${offset}`;
    const partitions = (await this.admin.fetchTopicOffsets(topic)).map(({ partition }) => partition);
    // A reader does not reach the end of a log that ends with an aborted transaction.
    for (const partition of partitions) await this.writeWithKey(topic, partition, 'null', null);
    const before = await this.read(topic);
    const removable = partitions.filter((partition) => {
      const keys = before.filter((record) => record.partition === partition).map(({ key }) => key);
      return new Set(keys).size < keys.length;
    });
    for (const end = Date.now() + 60_000; ; ) {
      // The last records are cleaned only after later ones are written.
      for (const partition of removable) await this.writeWithKey(topic, partition, 'null', null);
      const after = await this.read(topic);
      const left = new Set(after.map(placeOf));
      const cleaned = (partition: number): boolean =>
        before.some((record) => record.partition === partition && !left.has(placeOf(record)));
      if (removable.every(cleaned)) return after.length;
      if (Date.now() > end) throw new Error(`The log cleaner has removed nothing of ${topic} within a minute.`);
    }
  }

  /** Aborts the open transaction of the last producer with this id, so that nothing waits for it. */
  async abortLeft(transactionalId: string): Promise<void> {
    const producer = this.kafka.producer({ idempotent: true, maxInFlightRequests: 1, transactionalId });
    await producer.connect();
    await (await producer.transaction()).abort();
    await producer.disconnect();
  }

  private async writeWithKey(topic: string, partition: number, key: string, value: string | null): Promise<void> {
    await this.producer?.send({ topic, messages: [{ partition, key, value }] });
  }

  /** Returns the current number of members of a group. */
  async memberCount(group: string): Promise<number> {
    return (await this.admin.describeGroups([group])).groups[0]?.members.length ?? 0;
  }

  /** Returns everything that a reader of committed records finds, up to the current end of every partition. */
  async read(topic: string): Promise<ReadRecord[]> {
    const ends = new Map(
      (await this.admin.fetchTopicOffsets(topic)).map(({ partition, high }) => [partition, Number(high)]),
    );
    const open = new Set([...ends].filter(([, high]) => high > 0).map(([partition]) => partition));
    if (open.size === 0) return [];
    const found: ReadRecord[] = [];
    const consumer: Consumer = this.kafka.consumer({ groupId: uniqueName('reader'), maxWaitTimeInMs: 20 });
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      // Also notified of batches without records for a reader, so that trailing markers are passed.
      consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload }) => {
        if (Number(payload.lastOffset) + 1 >= (ends.get(payload.partition) ?? 0)) open.delete(payload.partition);
        if (open.size === 0) resolve();
      });
      consumer
        .run({
          autoCommit: false,
          eachBatch: async ({ batch }) => {
            for (const { offset, key, value, headers, timestamp } of batch.messages) {
              const isEnd = headers?.watermill !== undefined;
              const texts = { key: key?.toString() ?? null, value: value?.toString() ?? null };
              found.push({
                partition: batch.partition,
                offset: Number(offset),
                ...texts,
                headers: (headers ?? {}) as Record<string, Buffer>,
                isEnd,
                timestamp: Number(timestamp),
              });
            }
          },
        })
        .catch(reject);
    });
    await consumer.disconnect();
    return found.sort((a, b) => a.partition - b.partition || a.offset - b.offset);
  }

  /**
   * The same, once every partition has its end mark: a committed transaction becomes visible a moment later. Returns
   * the records after ten seconds in any case, so that a test shows what is missing.
   */
  async readEnded(topic: string, partitions = 1): Promise<ReadRecord[]> {
    for (const end = Date.now() + 10_000; ; ) {
      const records = await this.read(topic);
      const ended = new Set(records.filter(({ isEnd }) => isEnd).map(({ partition }) => partition));
      if (ended.size === partitions || Date.now() > end) return records;
    }
  }

  /** The values of a topic that has ended, parsed, without end marks. */
  async values(topic: string, partitions = 1): Promise<any[]> {
    const records = await this.readEnded(topic, partitions);
    return records.filter(({ isEnd }) => !isEnd).map(({ value }) => JSON.parse(value as string));
  }
}
