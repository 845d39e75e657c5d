import type { Producer, ProducerConfig, Transaction } from 'kafkajs';
import { realTime } from '../../../base/real-time.js';
import {
  type CommittedOffset,
  KafkaClientError,
  type KafkaFailure,
  type KafkaProducer,
  type OutgoingRecords,
  type OwnedPartition,
  type TopicOffset,
} from '../client.js';
import type { KafkaSettings } from '../options/kafka-options.js';
import { compressionType } from './codecs.js';
import { translating } from './failures.js';
import type { SentMessage } from './records/produce-request.js';
import { retrying } from './retrying.js';

const txnOffsetCommitKey = 28;

/** A partition, and how to ask a broker for its committed offsets. */
export interface AskedPartition extends OwnedPartition {
  readonly committedAt: (address: string) => Promise<readonly CommittedOffset[]>;
}

/** An idempotent producer; transactional if it has an id. */
export class KafkajsProducer implements KafkaProducer {
  committed: readonly CommittedOffset[] | undefined;
  private readonly producer: Producer;
  private transaction: Transaction | undefined;
  /** The last request to each partition. */
  private readonly requests = new Map<string, Promise<void>>();
  /** No further outcome is awaited. */
  private isClosed = false;

  constructor(
    makeProducer: (config: ProducerConfig) => Producer,
    private readonly settings: KafkaSettings,
    private readonly transactionalId: string | undefined,
  ) {
    this.producer = makeProducer({
      idempotent: true,
      allowAutoTopicCreation: false,
      transactionalId,
      transactionTimeout: settings.transactionTimeoutMs,
      maxInFlightRequests: transactionalId === undefined ? 5 : 1,
      // Every record has its partition.
      createPartitioner:
        () =>
        ({ message }) =>
          message.partition ?? 0,
    });
  }

  async open(owned?: AskedPartition): Promise<this> {
    await translating(this.producer.connect());
    if (this.transactionalId === undefined) return this;
    // The client fences other producers when it begins its first transaction.
    await this.begin();
    const coordinator = owned && (await this.coordinatorOf(owned));
    await this.abort();
    if (coordinator !== undefined) this.committed = await owned?.committedAt(coordinator);
    return this;
  }

  /**
   * The address of the broker that accepts an offset of the partition, which is aborted with the transaction. A broker
   * that was the group's coordinator, and stood still while another one replaced it, cannot accept one; but it would
   * answer with the offsets that it knows.
   */
  private async coordinatorOf({ group, topic, partition }: OwnedPartition): Promise<string | undefined> {
    const { producer, transaction } = this;
    let address: string | undefined;
    const forget = producer.on(producer.events.REQUEST, ({ payload: { apiKey, broker } }) => {
      if (apiKey === txnOffsetCommitKey) address = broker;
    });
    const topics = [{ topic, partitions: [{ partition, offset: '0', metadata: '' }] }];
    const send = () => (transaction as Transaction).sendOffsets({ consumerGroupId: group, topics });
    await translating(onceFormerIsOver(send)).finally(forget);
    return address;
  }

  /**
   * Sends records. The next request to a partition waits until this one is over, including its retries: between two
   * attempts kafkajs would give its sequence number to the next request, which the cluster would then drop as a
   * duplicate. After a request that the cluster may or may not have, nothing more can be sent to the partition.
   */
  send(topic: string, records: OutgoingRecords): Promise<number | undefined> {
    const place = `${topic}/${partitionOf(records)}`;
    const sending = (this.requests.get(place) ?? Promise.resolve()).then(() => this.sendNow(topic, records));
    const over = sending.then(
      () => {},
      (error) => {
        if (!isRefused(error)) throw error;
      },
    );
    over.catch(() => {});
    this.requests.set(place, over);
    return sending;
  }

  private async sendNow(topic: string, records: OutgoingRecords): Promise<number | undefined> {
    const sender = this.transaction ?? this.producer;
    const message: SentMessage = { partition: partitionOf(records), value: '', records };
    const compression = compressionType(this.settings.compression);
    // Records are numbered, so a record that has arrived is not stored twice.
    const [sent] = await this.retrying(() => sender.send({ topic, acks: -1, compression, messages: [message] }));
    const first = Number(sent?.baseOffset ?? -1);
    return first < 0 ? undefined : first + records.length;
  }

  async begin(): Promise<void> {
    this.transaction = await translating(this.producer.transaction());
  }

  async commit(group: string, offsets: readonly TopicOffset[]): Promise<void> {
    const { transaction } = this;
    if (transaction === undefined) throw new Error('No transaction has been started.');
    const topics = offsets.map(({ topic, partition, offset, metadata }) => ({
      topic,
      partitions: [{ partition, offset: String(offset), metadata }],
    }));
    if (topics.length > 0) await this.retrying(() => transaction.sendOffsets({ consumerGroupId: group, topics }));
    await translating(transaction.commit());
    this.transaction = undefined;
  }

  async abort(): Promise<void> {
    const { transaction } = this;
    this.transaction = undefined;
    if (transaction?.isActive()) await translating(transaction.abort());
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await translating(this.producer.disconnect());
  }

  private retrying<T>(work: () => Promise<T>): Promise<T> {
    return retrying(this.settings.retry, () => {
      if (this.isClosed) throw new KafkaClientError('other', 'the producer is closed');
      return translating(onceFormerIsOver(work));
    });
  }
}

function partitionOf(records: OutgoingRecords): number {
  return ('bytes' in records ? records : records[0]!).partition;
}

/** Returns whether the cluster has none of the records. */
function isRefused(error: unknown): boolean {
  return error instanceof KafkaClientError && refusals.has(error.kind);
}

const refusals: ReadonlySet<KafkaFailure> = new Set(['too large', 'invalid record', 'unauthorised']);

const mostAttempts = 100;

/**
 * Retries the start of a transaction: the cluster reports a commit before all its markers are written, and refuses the
 * next transaction until then; the client does not retry that.
 */
async function onceFormerIsOver<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if ((error as { type?: string }).type !== 'CONCURRENT_TRANSACTIONS' || attempt === mostAttempts) throw error;
      await realTime.sleep(Math.min(100, attempt * 5));
    }
  }
}
