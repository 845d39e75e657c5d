import { closeAll } from '../../../base/closers.js';
import { endLane } from '../../partitions/lane-stage.js';
import type { Setbacks } from '../../partitions/setbacks.js';
import type { Breakage } from '../breakage.js';
import { KafkaClientError, type KafkaProducer } from '../client.js';
import type { ConnectionSetup } from '../connection-setup.js';
import { kafkaFailed, laneTaken } from '../kafka-errors.js';
import type { KafkaLane } from '../kafka-lane.js';
import { KafkaWriter, type WriterSetup } from './kafka-writer.js';
import { SharedProducers } from './shared-producers.js';

/**
 * The writers of a connection and their producers: with transactions each lane has its own, otherwise they share one.
 */
export class LaneWriters {
  private readonly writers = new Set<KafkaWriter>();
  private readonly shared: SharedProducers;

  constructor(
    private readonly setup: ConnectionSetup,
    private readonly setbacks: Setbacks,
    private readonly breakage: Breakage,
  ) {
    this.shared = new SharedProducers(() => setup.client.openProducer(undefined));
  }

  /** With transactions, opening it fences the previous owner of the lane. */
  producerOf(partition: number): Promise<KafkaProducer> {
    return this.setup.settings.exactlyOnce ? this.openOwner(partition) : this.shared.take();
  }

  private openOwner(partition: number): Promise<KafkaProducer> {
    const { client, settings, inputs } = this.setup;
    const group = settings.group as string;
    const topic = inputs[0]!.topic;
    return client.openProducer(`${group}-${partition}`, { group, topic, partition });
  }

  /**
   * The producer that commits a lane's positions: with tables a transactional one, whatever the guarantee of the
   * results.
   */
  async committerOf(partition: number, producer: KafkaProducer): Promise<KafkaProducer | undefined> {
    const { settings, tables } = this.setup;
    if (tables.size === 0) return undefined;
    return this.guarded(settings.exactlyOnce ? producer : await this.openOwner(partition));
  }

  open(lane: KafkaLane): KafkaWriter {
    lane.writer = this.make(lane.partition, {
      producer: lane.setup.producer,
      publish: (writer) => endLane(lane, writer, this.hasShared),
      failed: (cause, what, topic) => {
        this.shared.failed(lane.setup.producer);
        return this.laneFailed(lane, cause, what, topic);
      },
    });
    return lane.writer;
  }

  /** Opens the writer for a lane of another broker. */
  async openForOther(partition: number): Promise<KafkaWriter> {
    const publish = async (writer: KafkaWriter): Promise<void> => {
      await writer.writeEndMarks();
      await writer.writeSharedEndMarks();
    };
    const producer = await this.shared.take();
    return this.make(partition, {
      producer,
      publish,
      failed: (cause, what, topic) => {
        this.shared.failed(producer);
        return kafkaFailed(cause, what, topic);
      },
      closed: () => producer.close().catch(() => {}),
    });
  }

  /**
   * Handles a failure of a lane. The outcome of an interrupted transaction is known only once its producer is fenced.
   * So the lane is lost and starts over, like one that another process has taken and that the group gives back.
   */
  laneFailed(lane: KafkaLane, cause: unknown, what: string, topic?: string): Error {
    const kind = cause instanceof KafkaClientError ? cause.kind : 'other';
    const { settings, tables } = this.setup;
    const isInDoubt = (settings.exactlyOnce || tables.size > 0) && (kind === 'interrupted' || kind === 'given up');
    const error = kind === 'fenced' ? laneTaken(lane.name, cause) : kafkaFailed(cause, what, topic);
    if (lane.lost.aborted || (kind !== 'fenced' && !isInDoubt)) return error;
    if (this.setbacks.note(lane.partition)) lane.lose();
    return error;
  }

  async closeProducer(lane: KafkaLane): Promise<void> {
    await lane.setup.committer?.close().catch(() => {});
    await lane.setup.producer.close().catch(() => {});
  }

  /** Writers first: they end their transactions. */
  async closeWriters(): Promise<void> {
    await closeAll(this.writers);
  }

  closeShared(): Promise<void> {
    return this.shared.close();
  }

  private make(partition: number, own: Pick<WriterSetup, 'producer' | 'publish' | 'failed' | 'closed'>): KafkaWriter {
    const { client, targets, settings } = this.setup;
    const writer: KafkaWriter = new KafkaWriter({
      ...own,
      closed: async () => {
        this.writers.delete(writer);
        await own.closed?.();
      },
      producer: this.guarded(own.producer),
      targets,
      partition,
      transactional: settings.exactlyOnce,
      lastRecord: (topic, of) => client.lastRecord(topic, of),
    });
    this.writers.add(writer);
    return writer;
  }

  /** Wraps a producer so that requests in progress are not awaited once nothing more is written. */
  private guarded(producer: KafkaProducer): KafkaProducer {
    const { breakage } = this;
    return {
      committed: producer.committed,
      send: (topic, records) => breakage.guard(() => producer.send(topic, records)),
      begin: () => breakage.guard(() => producer.begin()),
      commit: (group, offsets) => breakage.guard(() => producer.commit(group, offsets)),
      abort: () => breakage.guard(() => producer.abort()),
      close: () => producer.close(),
    };
  }

  private get hasShared(): boolean {
    return this.setup.targets.some(({ isShared }) => isShared);
  }
}
