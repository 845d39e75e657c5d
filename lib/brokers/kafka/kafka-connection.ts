import type { Json } from '../../base/json.js';
import type { WaterMillError } from '../../base/watermill-error.js';
import type { BrokerLane, Connection, LaneName, LaneWriter } from '../broker.js';
import { LaneStream } from '../lane-stream.js';
import { Breakage } from './breakage.js';
import type { KafkaMember } from './client.js';
import type { ConnectionSetup } from './connection-setup.js';
import { closingLane, GroupEnd } from './group-end.js';
import { kafkaFailed } from './kafka-errors.js';
import { KafkaLane } from './kafka-lane.js';
import { LaneMaker } from './lane-maker.js';
import { TopicWatch } from './topic-watch.js';

/** Lanes that are released soon after each other are rebalanced in one round; one with a long call does not block others. */
const shareAfterMs = 200;

/** One run on Kafka: a member of the group, and the lanes that fall to it. */
export class KafkaConnection implements Connection {
  private readonly stream = new LaneStream<KafkaLane>();
  /** The lanes in use, and those on their way to be; by partition. */
  private readonly lanesInUse = new Map<number, KafkaLane | 'opening'>();
  private readonly ended = new Set<number>();
  private wanted: ReadonlySet<number> = new Set();
  /** How often the group had forgotten this member. */
  private timesForgotten = 0;
  private member: KafkaMember | undefined;
  private joining: Promise<void> | undefined;
  private closing: Promise<void> | undefined;
  private cancelSharing: () => void = () => {};
  private readonly groupEnd: GroupEnd;
  private readonly breakage = new Breakage();
  private readonly watch: TopicWatch;
  private readonly maker: LaneMaker;

  constructor(private readonly setup: ConnectionSetup) {
    const { signal } = setup.request;
    const member = () => this.member as KafkaMember;
    const { client, settings, topics } = setup;
    this.watch = new TopicWatch({
      clock: setup.request.clock,
      intervalMs: settings.topicCheckIntervalMs,
      expected: topics,
      look: (names) => client.topics(names),
      changed: (error) => this.topicChanged(error),
    });
    this.watch.start();
    this.maker = new LaneMaker({
      ...setup,
      member,
      breakage: this.breakage,
      checkTopics: () => this.watch.check(),
      released: (lane) => this.released(lane),
    });
    if (signal.aborted) this.stream.end();
    signal.addEventListener('abort', () => this.stream.end(), { once: true });
    this.groupEnd = new GroupEnd({
      clock: setup.request.clock,
      lanes: setup.partitions,
      stages: () => this.maker.stages(),
      isIdle: () => this.lanesInUse.size === 0 && this.closing === undefined && !signal.aborted,
      hasLane: (lane) => this.wanted.has(lane),
      close: () => this.endShared(),
      ended: () => this.stream.end(),
      failed: (error) => this.fail(kafkaFailed(error, 'reading what the group has committed')),
    });
  }

  lanes(): AsyncIterable<BrokerLane> {
    const what = `joining the group ${this.setup.settings.group}`;
    this.joining ??= this.join().catch((error) => this.fail(kafkaFailed(error, what)));
    return this.stream;
  }

  async openWriter(name: LaneName, _mark: Json | undefined): Promise<LaneWriter> {
    const lane = this.lanesInUse.get(Number(name));
    return lane instanceof KafkaLane ? this.maker.writers.open(lane) : this.maker.writers.openForOther(Number(name));
  }

  /** All lanes are over: ends what all of them write to. The last one to do it owns the lane: others are fenced. */
  private async endShared(): Promise<void> {
    this.lanesInUse.set(closingLane, 'opening');
    const lane = await this.maker.make(closingLane);
    this.lanesInUse.set(closingLane, lane);
    try {
      if (lane.stage !== 'marked') return;
      const writer = this.maker.writers.open(lane);
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
    this.watch.stop();
    for (const queue of this.maker.queues) queue.fail(new Error('The connection was closed.'));
    await this.joining;
    this.cancelSharing();
    await this.groupEnd.stop();
    const { writers } = this.maker;
    await writers.closeWriters();
    const lanes = [...this.lanesInUse.values()].filter((lane) => lane instanceof KafkaLane);
    await Promise.all(lanes.map((lane) => writers.closeProducer(lane)));
    await this.member?.leave();
    await writers.closeShared();
    await this.setup.client.close();
  }

  private async join(): Promise<void> {
    const { client, settings } = this.setup;
    let early: readonly number[] | undefined;
    this.member = await client.join({
      group: settings.group as string,
      topics: this.maker.topics,
      fetchBytes: this.maker.budget.bytes,
      held: () => [...this.lanesInUse.keys()],
      assigned: (partitions, anew) => {
        if (this.member === undefined) early = partitions;
        else this.assigned(partitions, anew);
      },
      received: (fetched) => this.maker.queue(fetched.topic, fetched.partition)?.receive(fetched),
      interrupted: () => {
        for (const queue of this.maker.queues) queue.doubt();
      },
      failed: (error) => this.fail(kafkaFailed(error, `taking part in the group ${settings.group}`)),
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
    for (const queue of this.maker.queues) if (this.wanted.has(queue.partition)) queue.rejoined();
    for (const partition of partitions) this.openLane(partition);
    this.groupEnd.look();
  }

  private openLane(partition: number): void {
    if (this.lanesInUse.has(partition) || this.ended.has(partition) || this.closing !== undefined) return;
    this.lanesInUse.set(partition, 'opening');
    const { timesForgotten } = this;
    this.maker.make(partition).then(
      async (lane) => {
        if (this.closing !== undefined) {
          await this.maker.writers.closeProducer(lane);
          return;
        }
        this.lanesInUse.set(partition, lane);
        if (timesForgotten !== this.timesForgotten) lane.lose();
        else if (!this.wanted.has(partition)) lane.revoke();
        this.stream.push(lane);
      },
      (error) => this.fail(kafkaFailed(error, `opening lane ${partition}`)),
    );
  }

  private async released(lane: KafkaLane): Promise<void> {
    if (this.lanesInUse.get(lane.partition) !== lane) return;
    await this.maker.writers.closeProducer(lane);
    this.lanesInUse.delete(lane.partition);
    if (lane.stage === 'ended') this.ended.add(lane.partition);
    else if (lane.revoked.aborted && this.wanted.has(lane.partition)) this.openLane(lane.partition);
    if (!this.wanted.has(lane.partition)) this.shareAnew();
    this.groupEnd.look();
  }

  /** At once if this was the last lane to release: each round blocks all members. */
  private shareAnew(): void {
    this.cancelSharing();
    const share = (): void => this.member?.shareAnew();
    const hasMore = [...this.lanesInUse.keys()].some((lane) => !this.wanted.has(lane));
    if (hasMore) this.cancelSharing = this.setup.request.clock.setTimer(shareAfterMs, share);
    else share();
  }

  /** Where partitions were added, what was read still counts. */
  private topicChanged(error: WaterMillError): void {
    this.setup.request.logger.error({ err: error }, error.message);
    if (error.code !== 'WM_PARTITION_COUNTS') {
      this.breakage.break(error);
      for (const queue of this.maker.queues) queue.abandon(error);
    }
    this.fail(error);
  }

  private fail(error: unknown): void {
    this.stream.fail(error);
    for (const queue of this.maker.queues) queue.fail(error);
  }
}
