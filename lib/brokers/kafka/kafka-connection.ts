import type { Json } from '../../base/json.js';
import type { BrokerLane, Connection, ConnectRequest, LaneName, LaneWriter } from '../broker.js';
import {
  type CommittedOffset,
  type KafkaClient,
  KafkaClientError,
  type KafkaMember,
  type KafkaProducer,
} from './client.js';
import { type LaneStage, readMetadata } from './commit-metadata.js';
import { closingLane, GroupEnd } from './group-end.js';
import { kafkaFailed, laneTaken } from './kafka-errors.js';
import { KafkaLane, type LaneInput } from './kafka-lane.js';
import type { KafkaSettings } from './kafka-options.js';
import { type KafkaTarget, KafkaWriter, type WriterSetup } from './kafka-writer.js';
import { LaneStream } from './lane-stream.js';
import { PartitionQueue } from './partition-queue.js';
import { Setbacks } from './setbacks.js';
import { checkedOffset, startOffset } from './start-offsets.js';

export interface ConnectionSetup {
  readonly client: KafkaClient;
  readonly settings: KafkaSettings;
  readonly request: ConnectRequest;
  readonly inputs: readonly LaneInput[];
  readonly targets: readonly KafkaTarget[];
  /** How many partitions every topic has. */
  readonly partitions: number;
}

/** One run on Kafka: a member of the group, and the lanes that fall to it. */
export class KafkaConnection implements Connection {
  private readonly stream = new LaneStream();
  /** The lanes in use, and those on their way to be; by partition. */
  private readonly lanesInUse = new Map<number, KafkaLane | 'opening'>();
  private readonly ended = new Set<number>();
  private readonly queues = new Map<string, PartitionQueue>();
  private wanted: ReadonlySet<number> = new Set();
  /** How often the group had forgotten this member. */
  private timesForgotten = 0;
  private member: KafkaMember | undefined;
  private joining: Promise<void> | undefined;
  private sharedProducer: Promise<KafkaProducer> | undefined;
  private readonly writers = new Set<KafkaWriter>();
  private closing: Promise<void> | undefined;
  private readonly groupEnd: GroupEnd;
  private readonly setbacks: Setbacks;

  constructor(private readonly setup: ConnectionSetup) {
    const { signal } = setup.request;
    this.setbacks = new Setbacks(setup.settings.retry);
    if (signal.aborted) this.stream.end();
    signal.addEventListener('abort', () => this.stream.end(), { once: true });
    this.groupEnd = new GroupEnd({
      clock: setup.request.clock,
      lanes: setup.partitions,
      stages: () => this.stages(),
      isIdle: () => this.lanesInUse.size === 0 && this.closing === undefined && !signal.aborted,
      hasLane: (lane) => this.wanted.has(lane),
      close: () => this.endShared(),
      ended: () => this.stream.end(),
      failed: (error) => this.fail(kafkaFailed(error, 'reading what the group has committed')),
    });
  }

  lanes(): AsyncIterable<BrokerLane> {
    this.joining ??= this.join().catch((error) => this.fail(kafkaFailed(error, 'joining the group')));
    return this.stream;
  }

  async openWriter(name: LaneName, _mark: Json | undefined): Promise<LaneWriter> {
    const lane = this.lanesInUse.get(Number(name));
    if (lane instanceof KafkaLane) return this.openOwnWriter(lane);
    const publish = async (writer: KafkaWriter): Promise<void> => {
      await writer.writeEndMarks();
      await writer.writeSharedEndMarks();
    };
    return this.newWriter(Number(name), { producer: await this.producer(), publish, failed: kafkaFailed });
  }

  private openOwnWriter(lane: KafkaLane): KafkaWriter {
    lane.writer = this.newWriter(lane.partition, {
      producer: lane.setup.producer,
      publish: (writer) => this.endLane(lane, writer),
      failed: (cause, what, topic) => this.laneFailed(lane, cause, what, topic),
    });
    return lane.writer;
  }

  private newWriter(partition: number, own: Pick<WriterSetup, 'producer' | 'publish' | 'failed'>): KafkaWriter {
    const { client, targets, settings } = this.setup;
    const writer = new KafkaWriter({
      ...own,
      targets,
      partition,
      transactional: settings.exactlyOnce,
      lastRecord: (topic, of) => client.lastRecord(topic, of),
    });
    this.writers.add(writer);
    return writer;
  }

  /** The lane's last results are safe; whoever goes on from here writes the marks that are not there yet. */
  private async endLane(lane: KafkaLane, writer: KafkaWriter): Promise<void> {
    if (lane.stage !== 'over') return;
    await writer.writeEndMarks();
    const hasMore = lane.partition === closingLane && this.setup.targets.some(({ isShared }) => isShared);
    await lane.reach(hasMore ? 'marked' : 'ended');
  }

  /** All lanes are over: ends what all of them write to. Whoever does it last has the lane: others are shut out. */
  private async endShared(): Promise<void> {
    this.lanesInUse.set(closingLane, 'opening');
    const lane = await this.makeLane(closingLane);
    this.lanesInUse.set(closingLane, lane);
    try {
      if (lane.stage !== 'marked') return;
      const writer = this.openOwnWriter(lane);
      await writer.writeSharedEndMarks();
      await lane.reach('ended');
      await writer.close();
    } catch (error) {
      if (!lane.revoked.aborted) throw error;
    } finally {
      await lane.release();
    }
  }

  get laneCount(): number {
    return this.setup.partitions;
  }

  close(): Promise<void> {
    this.closing ??= this.letGo();
    return this.closing;
  }

  private async letGo(): Promise<void> {
    this.stream.end();
    for (const queue of this.queues.values()) queue.fail(new Error('The connection was closed.'));
    await this.joining;
    await this.groupEnd.stop();
    await Promise.all([...this.writers].map((writer) => writer.close()));
    const lanes = [...this.lanesInUse.values()].filter((lane) => lane instanceof KafkaLane);
    await Promise.all(lanes.map((lane) => this.closeProducer(lane)));
    await this.member?.leave();
    await (await this.sharedProducer?.catch(() => undefined))?.close();
    await this.setup.client.close();
  }

  private async join(): Promise<void> {
    const { client, settings, inputs } = this.setup;
    const topics = [...new Set(inputs.map(({ topic }) => topic))];
    let early: readonly number[] | undefined;
    this.member = await client.join({
      group: settings.group as string,
      topics,
      held: () => [...this.lanesInUse.keys()],
      assigned: (partitions, anew) => {
        if (this.member === undefined) early = partitions;
        else this.assigned(partitions, anew);
      },
      received: (fetched) => this.queues.get(`${fetched.topic}/${fetched.partition}`)?.receive(fetched),
      failed: (error) => this.fail(kafkaFailed(error, 'taking part in the group')),
    });
    if (early !== undefined) this.assigned(early, false);
  }

  private assigned(partitions: readonly number[], anew: boolean): void {
    const { logger } = this.setup.request;
    this.wanted = new Set(partitions);
    if (anew) this.timesForgotten++;
    logger.info({ lanes: partitions }, `The group gave this process the lanes ${partitions.join(', ') || '(none)'}`);
    for (const [partition, lane] of this.lanesInUse) {
      if (lane === 'opening') continue;
      if (anew) lane.lose();
      else if (!this.wanted.has(partition)) lane.revoke();
    }
    for (const queue of this.queues.values()) if (this.wanted.has(queue.partition)) queue.rejoined();
    for (const partition of partitions) this.openLane(partition);
    this.groupEnd.look();
  }

  private openLane(partition: number): void {
    if (this.lanesInUse.has(partition) || this.ended.has(partition) || this.closing !== undefined) return;
    this.lanesInUse.set(partition, 'opening');
    const { timesForgotten } = this;
    this.makeLane(partition).then(
      (lane) => {
        if (this.closing !== undefined) return this.closeProducer(lane);
        this.lanesInUse.set(partition, lane);
        if (timesForgotten !== this.timesForgotten) lane.lose();
        else if (!this.wanted.has(partition)) lane.revoke();
        this.stream.push(lane);
      },
      (error) => this.fail(kafkaFailed(error, `opening lane ${partition}`)),
    );
  }

  /** Whoever had the lane before is shut out first; only then what it committed holds. */
  private async makeLane(partition: number): Promise<KafkaLane> {
    const { client, settings, inputs } = this.setup;
    const group = settings.group as string;
    await this.setbacks.pause(partition);
    const { exactlyOnce } = settings;
    const producer = await (exactlyOnce ? client.openProducer(`${group}-${partition}`) : this.producer());
    const topics = [...new Set(inputs.map(({ topic }) => topic))];
    const committed = await client.committed(group);
    return new KafkaLane({
      plan: this.setup.request.plan,
      group,
      partition,
      inputs,
      queues: new Map(topics.map((topic) => [topic, this.queueOf(topic, partition)])),
      committed: committed.filter((entry) => entry.partition === partition),
      startOffset: (topic) => startOffset(client, settings, topic, partition),
      checkedOffset: (topic, offset) => checkedOffset(client, settings, topic, partition, offset),
      producer,
      hasOutputs: this.setup.targets.length > 0,
      commit: async (lane, offsets) => {
        try {
          if (!settings.exactlyOnce) await (this.member as KafkaMember).commit(offsets, lane.lost);
          else await (lane.writer ?? this.openOwnWriter(lane)).commit(group, offsets);
          this.setbacks.forget(partition);
        } catch (error) {
          throw this.laneFailed(lane, error, `committing lane ${lane.name}`);
        }
      },
      released: (lane) => this.released(lane),
    });
  }

  private producer(): Promise<KafkaProducer> {
    this.sharedProducer ??= this.setup.client.openProducer(undefined);
    return this.sharedProducer;
  }

  private queueOf(topic: string, partition: number): PartitionQueue {
    const key = `${topic}/${partition}`;
    const known = this.queues.get(key);
    if (known !== undefined) return known;
    const { client, settings } = this.setup;
    const queue = new PartitionQueue(topic, partition, {
      member: this.member as KafkaMember,
      checkPosition: async (_topic, _partition, offset) => {
        await checkedOffset(client, { ...settings, onLostPositions: 'fail' }, topic, partition, offset);
      },
    });
    this.queues.set(key, queue);
    return queue;
  }

  /**
   * What has become of a transaction that was interrupted shows once its producer is shut out. So the lane is left and
   * begins anew, as one does that another process has taken and that the group gives back.
   */
  private laneFailed(lane: KafkaLane, cause: unknown, what: string, topic?: string): Error {
    const kind = cause instanceof KafkaClientError ? cause.kind : 'other';
    const isInDoubt = this.setup.settings.exactlyOnce && (kind === 'interrupted' || kind === 'given up');
    const error = kind === 'fenced' ? laneTaken(lane.name, cause) : kafkaFailed(cause, what, topic);
    if (lane.lost.aborted || (kind !== 'fenced' && !isInDoubt)) return error;
    if (this.setbacks.note(lane.partition)) lane.lose();
    return error;
  }

  private async released(lane: KafkaLane): Promise<void> {
    if (this.lanesInUse.get(lane.partition) !== lane) return;
    await this.closeProducer(lane);
    this.lanesInUse.delete(lane.partition);
    if (lane.stage === 'ended') this.ended.add(lane.partition);
    else if (lane.revoked.aborted && this.wanted.has(lane.partition)) this.openLane(lane.partition);
    if (!this.wanted.has(lane.partition)) this.member?.shareAnew();
    this.groupEnd.look();
  }

  private async closeProducer(lane: KafkaLane): Promise<void> {
    if (!this.setup.settings.exactlyOnce) return;
    await lane.setup.producer.close().catch(() => {});
  }

  private fail(error: unknown): void {
    this.stream.fail(error);
    for (const queue of this.queues.values()) queue.fail(error);
  }

  private async stages(): Promise<Map<number, LaneStage>> {
    const { client, settings, inputs } = this.setup;
    const committed = await client.committed(settings.group as string, [inputs[0]!.topic]);
    const stageOf = ({ metadata }: CommittedOffset): LaneStage => {
      const progress = readMetadata(metadata);
      return progress?.plan === this.setup.request.plan ? progress.stage : 'open';
    };
    return new Map(committed.map((entry) => [entry.partition, stageOf(entry)] as const));
  }
}
