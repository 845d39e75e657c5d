import type { Consumer, ConsumerConfig, ConsumerGroupJoinEvent, EachBatchPayload } from 'kafkajs';
import { realTime, within } from '../../../base/real-time.js';
import { pauseBefore } from '../../retry.js';
import { KafkaClientError, type KafkaMember, type Membership, type TopicOffset } from '../client.js';
import { groupOfOthers } from '../kafka-errors.js';
import type { KafkaSettings } from '../options/kafka-options.js';
import { lanesAssigner } from './assigner.js';
import { isOfFormerGeneration, translated, translating } from './failures.js';
import { Gate } from './gate.js';
import type { FetchedMessage } from './records/fetch-answer.js';

/** How long to wait for the member to leave. Milliseconds. */
const mostLeavingMs = 3_000;

/** One member of the group. Its handlers never wait and never throw: that would block or end every partition. */
export class KafkajsMember implements KafkaMember {
  private consumer!: Consumer;
  /** The partitions whose offsets the consumer has sent to the group since their commit began. */
  private sent = new Set<number>();
  /** Open while the member is in the group: a commit outside of it would be dropped silently. */
  private joined = new Gate();
  /** The id of the member in the group. */
  private memberId: string | undefined;
  /** The number of joins. */
  private joins = 0;
  /** The number of times that the consumer ended by itself since it joined. */
  private crashes = 0;
  private left = false;
  private mustRebalance = false;

  constructor(
    private readonly makeConsumer: (config: ConsumerConfig) => Consumer,
    private readonly settings: KafkaSettings,
    private readonly membership: Membership,
  ) {}

  async start(): Promise<void> {
    await this.begin().catch((error) => this.onCrash(error));
    await this.joined.opened();
  }

  private async begin(): Promise<void> {
    const { membership } = this;
    const consumer = this.newConsumer();
    this.consumer = consumer;
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => this.onJoin(payload));
    consumer.on(consumer.events.STOP, () => this.close());
    const [underWay, sent] = [new Set<number>(), new Set<number>()];
    this.sent = sent;
    consumer.on(consumer.events.FETCH_START, ({ payload }) => this.onFetchStart(payload.nodeId, underWay));
    consumer.on(consumer.events.FETCH, ({ payload }) => underWay.delete(payload.nodeId));
    consumer.on(consumer.events.CRASH, ({ payload }) => this.onCrash(payload.error));
    consumer.on(consumer.events.COMMIT_OFFSETS, ({ payload: { topics } }) => {
      for (const { partitions } of topics) for (const { partition } of partitions) sent.add(partition);
    });
    await translating(consumer.connect());
    await translating(consumer.subscribe({ topics: [...membership.topics], fromBeginning: true }));
    await translating(
      consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: true,
        eachBatch: async (payload) => this.onBatch(payload),
      }),
    );
  }

  private newConsumer(): Consumer {
    const { membership, settings } = this;
    return this.makeConsumer({
      groupId: membership.group,
      partitionAssigners: [lanesAssigner(membership.plan, () => this.reportHeld())],
      readUncommitted: false,
      allowAutoTopicCreation: false,
      sessionTimeout: settings.sessionTimeoutMs,
      rebalanceTimeout: settings.rebalanceTimeoutMs,
      heartbeatInterval: settings.heartbeatIntervalMs,
      maxWaitTimeInMs: settings.maxWaitMs,
      maxBytesPerPartition: membership.fetchBytes,
      // kafkajs would restart forever, but not after every transient failure.
      retry: { ...settings.retry, restartOnFailure: async () => false },
    });
  }

  seek(topic: string, partition: number, offset: number): void {
    if (this.joined.isOpen) this.consumer.seek({ topic, partition, offset: String(offset) });
  }

  pause(topic: string, partition: number): void {
    if (this.joined.isOpen) this.consumer.pause([{ topic, partitions: [partition] }]);
  }

  resume(topic: string, partition: number): void {
    if (this.joined.isOpen) this.consumer.resume([{ topic, partitions: [partition] }]);
  }

  async commit(offsets: readonly TopicOffset[], taken: AbortSignal): Promise<void> {
    for (;;) {
      await this.joined.opened();
      if (taken.aborted) throw new KafkaClientError('fenced', 'the group assigned the lane to another member');
      if (this.left) throw new KafkaClientError('other', 'the member has left the group');
      const { joins } = this;
      if (await this.isCommitted(offsets)) return;
      // The next heartbeat tells the member that it must rejoin.
      if (this.joins === joins) this.close();
    }
  }

  /**
   * Returns whether the group has the committed offsets of a partition; not if the member must rejoin first. A client
   * that is about to restart drops offsets silently: an event reports what it has sent to the group.
   */
  private async isCommitted(offsets: readonly TopicOffset[]): Promise<boolean> {
    const { consumer, sent } = this;
    const { partition } = offsets[0] as TopicOffset;
    sent.delete(partition);
    try {
      await consumer.commitOffsets(offsets.map((entry) => ({ ...entry, offset: String(entry.offset) })));
      return sent.has(partition);
    } catch (error) {
      if (isOfFormerGeneration(error)) return false;
      throw translated(error);
    }
  }

  async leave(): Promise<void> {
    this.left = true;
    this.joined.fail(new Error('The member has left the group.'));
    // It may be in a pause between two attempts, and notices only afterwards that it must end.
    await within(mostLeavingMs, translating(this.consumer.disconnect()));
  }

  private onJoin({ memberAssignment, memberId }: ConsumerGroupJoinEvent['payload']): void {
    const { topics, group } = this.membership;
    const partitions = memberAssignment[topics[0] as string];
    if (partitions === undefined) {
      this.end(groupOfOthers(group, topics));
      return;
    }
    for (const topic of topics) this.consumer.pause([{ topic, partitions: [...partitions] }]);
    const isForgotten = this.memberId !== undefined && this.memberId !== memberId;
    this.memberId = memberId;
    this.joins++;
    this.crashes = 0;
    this.joined.open();
    this.membership.assigned(partitions, isForgotten);
  }

  private onCrash(error: unknown): void {
    if (this.left) return;
    this.close();
    const { retry } = this.settings;
    const failure = translated(error);
    // A consumer that cannot even start has already used up its retries.
    const isPassing = failure.kind === 'interrupted' || (failure.kind === 'given up' && this.crashes === 0);
    if (isPassing && this.crashes < retry.retries) {
      this.crashes++;
      void this.restart(pauseBefore(this.crashes, retry));
      return;
    }
    this.end(failure);
  }

  private end(failure: Error): void {
    this.close();
    this.joined.fail(failure);
    this.membership.failed(failure);
  }

  private async restart(pauseMs: number): Promise<void> {
    await realTime.sleep(pauseMs);
    if (this.left) return;
    try {
      await this.begin();
    } catch (error) {
      this.onCrash(error);
    }
  }

  rebalance(): void {
    this.mustRebalance = true;
  }

  /** The metadata that the member sends to the group when it joins. */
  private reportHeld(): readonly number[] {
    this.mustRebalance = false;
    return this.membership.held();
  }

  /**
   * Detects a failed fetch: it has no end event. It may have failed because a topic was deleted, and the client would
   * continue with another topic of that name.
   *
   * The client rejoins only if it is told to, as by this error, and it passes on what is thrown here.
   */
  private onFetchStart(nodeId: number, underWay: Set<number>): void {
    if (underWay.has(nodeId)) this.membership.interrupted();
    underWay.add(nodeId);
    if (this.mustRebalance) throw Object.assign(new Error('A lane was released.'), { type: 'REBALANCE_IN_PROGRESS' });
  }

  /** The member is out of the group until it rejoins. */
  private close(): void {
    this.joined = this.joined.reopened();
  }

  private onBatch({ batch, isStale }: EachBatchPayload): void {
    if (isStale()) return;
    const { topic, partition, messages } = batch;
    // Missing in the type, but it distinguishes a reset from a gap.
    const from = Number((batch as unknown as { fetchedOffset: string }).fetchedOffset);
    // One message stands for all records.
    const [{ fetched, readable }] = messages as unknown as readonly [FetchedMessage];
    this.membership.received({ topic, partition, from, high: readable, ...fetched });
  }
}
