import type { Consumer, EachBatchPayload, Kafka } from 'kafkajs';
import type { KafkaMember, KafkaRecord, Membership, TopicOffset } from './client.js';
import type { KafkaSettings } from './kafka-options.js';
import { lanesAssigner } from './kafkajs-assigner.js';
import { translated, translating } from './kafkajs-failures.js';

/** One member of the group. Its handler never waits and never throws: either would hold up or end every partition. */
export class KafkajsMember implements KafkaMember {
  private readonly consumer: Consumer;
  /** Resolves while the member is in the group: a commit outside of it would be dropped without a word. */
  private joined = new Gate();
  private left = false;

  constructor(
    kafka: Kafka,
    settings: KafkaSettings,
    private readonly membership: Membership,
  ) {
    this.consumer = kafka.consumer({
      groupId: membership.group,
      partitionAssigners: [lanesAssigner(() => membership.held())],
      readUncommitted: false,
      sessionTimeout: settings.sessionTimeoutMs,
      rebalanceTimeout: settings.rebalanceTimeoutMs,
      heartbeatInterval: settings.heartbeatIntervalMs,
      maxWaitTimeInMs: settings.maxWaitMs,
      maxBytesPerPartition: settings.maxBytesPerPartition,
    });
  }

  async start(): Promise<void> {
    const { consumer, membership } = this;
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => this.onJoin(payload.memberAssignment));
    consumer.on(consumer.events.CRASH, ({ payload }) => this.onCrash(payload.error, payload.restart));
    await translating(consumer.connect());
    await translating(consumer.subscribe({ topics: [...membership.topics], fromBeginning: true }));
    await translating(
      consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: true,
        eachBatch: async (payload) => this.onBatch(payload),
      }),
    );
    await this.joined.opened();
  }

  seek(topic: string, partition: number, offset: number): void {
    this.consumer.seek({ topic, partition, offset: String(offset) });
  }

  pause(topic: string, partition: number): void {
    this.consumer.pause([{ topic, partitions: [partition] }]);
  }

  resume(topic: string, partition: number): void {
    this.consumer.resume([{ topic, partitions: [partition] }]);
  }

  async commit(offsets: readonly TopicOffset[]): Promise<void> {
    await this.joined.opened();
    await translating(
      this.consumer.commitOffsets(offsets.map((entry) => ({ ...entry, offset: String(entry.offset) }))),
    );
  }

  async leave(): Promise<void> {
    this.left = true;
    this.joined.fail(new Error('The member has left the group.'));
    await translating(this.consumer.disconnect());
  }

  private onJoin(assignment: Readonly<Record<string, number[]>>): void {
    const { topics } = this.membership;
    const partitions = assignment[topics[0] as string] ?? [];
    for (const topic of topics) this.consumer.pause([{ topic, partitions: [...partitions] }]);
    this.joined.open();
    this.membership.assigned(partitions);
  }

  private onCrash(error: unknown, restarts: boolean): void {
    if (this.left) return;
    if (restarts) {
      this.joined = this.joined.reopened();
      return;
    }
    const failure = translated(error);
    this.joined.fail(failure);
    this.membership.failed(failure);
  }

  private onBatch({ batch, isStale }: EachBatchPayload): void {
    if (isStale()) return;
    const { topic, partition, messages } = batch;
    // The type leaves it out, but it is what tells a reset from a gap.
    const from = Number((batch as unknown as { fetchedOffset: string }).fetchedOffset);
    // The type allows headers to be undefined; those that were read never are.
    const records = messages as unknown as readonly KafkaRecord[];
    const [next, high] = [Number(batch.lastOffset()) + 1, Number(batch.highWatermark)];
    this.membership.received({ topic, partition, from, next, high, records });
  }
}

/** Lets pass while it is open; those who come before that wait. */
class Gate {
  open!: () => void;
  fail!: (error: unknown) => void;
  private isOpen = false;
  private readonly passage: Promise<void>;

  constructor() {
    this.passage = new Promise((resolve, reject) => {
      this.open = () => {
        this.isOpen = true;
        resolve();
      };
      this.fail = reject;
    });
    // Nobody may be waiting when it fails.
    this.passage.catch(() => {});
  }

  opened(): Promise<void> {
    return this.passage;
  }

  /** A closed gate; this one, if nobody has passed it yet. */
  reopened(): Gate {
    return this.isOpen ? new Gate() : this;
  }
}
