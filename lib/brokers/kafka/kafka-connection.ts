import { inTurn } from '../../base/closers.js';
import type { Json } from '../../base/json.js';
import { within } from '../../base/real-time.js';
import type { WaterMillError } from '../../base/watermill-error.js';
import type { BrokerLane, Connection, LaneName, LaneWriter } from '../broker.js';
import { GroupEnd } from '../partitions/group-end.js';
import { closingLane, endShared } from '../partitions/lane-stage.js';
import { LaneStream } from '../partitions/lane-stream.js';
import { MemberLanes } from '../partitions/member-lanes.js';
import { Breakage } from './breakage.js';
import type { KafkaMember } from './client.js';
import type { ConnectionSetup } from './connection-setup.js';
import { kafkaFailed } from './kafka-errors.js';
import type { KafkaLane } from './kafka-lane.js';
import { LaneMaker } from './lane-maker.js';
import { AnswerWatch } from './reading/answer-watch.js';
import { TopicWatch } from './topic-watch.js';

/** How long closing the connection waits for lanes that are being opened. Milliseconds. */
const mostOpeningMs = 3_000;

/** One run on Kafka: a member of the group, and the lanes assigned to it. */
export class KafkaConnection implements Connection {
  private readonly stream = new LaneStream<KafkaLane>();
  private readonly held: MemberLanes<KafkaLane>;
  private member: KafkaMember | undefined;
  private joining: Promise<void> | undefined;
  private closing: Promise<void> | undefined;
  private readonly groupEnd: GroupEnd;
  private readonly breakage = new Breakage();
  private readonly watch: TopicWatch;
  private readonly answers: AnswerWatch;
  private readonly maker: LaneMaker;

  constructor(private readonly setup: ConnectionSetup) {
    const { signal, clock } = setup.request;
    const member = () => this.member as KafkaMember;
    const { client, settings, topics } = setup;
    this.watch = new TopicWatch({
      clock,
      intervalMs: settings.topicCheckIntervalMs,
      expected: topics,
      look: (names) => client.topics(names),
      changed: (error) => this.topicChanged(error),
    });
    this.watch.start();
    this.answers = new AnswerWatch(clock, settings.maxWaitMs, () => this.maker.queues);
    this.answers.start();
    this.maker = new LaneMaker({
      ...setup,
      member,
      breakage: this.breakage,
      checkTopics: () => this.watch.check(),
      released: (lane) => this.held.released(lane),
    });
    this.held = new MemberLanes({
      clock,
      make: (partition) => this.maker.make(partition),
      free: (lane) => this.maker.writers.closeProducer(lane),
      push: (lane) => this.stream.push(lane),
      rebalance: () => this.member?.rebalance(),
      changed: () => this.groupEnd.look(),
      failed: (error, partition) => this.fail(kafkaFailed(error, `opening lane ${partition}`)),
    });
    if (signal.aborted) this.stream.end();
    signal.addEventListener('abort', () => this.stream.end(), { once: true });
    this.groupEnd = new GroupEnd({
      clock,
      lanes: setup.partitions,
      stages: () => this.maker.stages(),
      isIdle: () => this.held.isIdle && !signal.aborted,
      hasLane: (lane) => this.held.isWanted(lane),
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
    const lane = this.held.get(Number(name));
    return lane === undefined ? this.maker.writers.openForOther(Number(name)) : this.maker.writers.open(lane);
  }

  /**
   * All lanes are over: ends the outputs that all of them write to. The last process to do it owns the lane: others are
   * fenced.
   */
  private async endShared(): Promise<void> {
    const lane = await this.held.take(closingLane);
    try {
      if (lane.stage !== 'marked') return;
      const writer = this.maker.writers.open(lane);
      await endShared(lane, writer);
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
    this.closing ??= this.doClose();
    return this.closing;
  }

  private async doClose(): Promise<void> {
    this.held.close();
    this.stream.end();
    this.watch.stop();
    this.answers.stop();
    for (const queue of this.maker.queues) queue.fail(new Error('The connection was closed.'));
    const { writers } = this.maker;
    await inTurn(
      () => this.joining,
      () => this.groupEnd.stop(),
      // If it were cut off in the middle, the client would retry for minutes, and the process would not end.
      () => within(mostOpeningMs, this.held.opened()),
      () => writers.closeWriters(),
      () => Promise.all(this.held.open.map((lane) => writers.closeProducer(lane))),
      () => this.member?.leave(),
      () => writers.closeShared(),
      () => this.setup.client.close(),
    );
  }

  private async join(): Promise<void> {
    const { client, settings } = this.setup;
    let early: readonly number[] | undefined;
    this.member = await client.join({
      group: settings.group as string,
      plan: this.setup.request.plan,
      topics: this.maker.topics,
      fetchBytes: this.maker.budget.bytes,
      held: () => this.held.partitions,
      assigned: (partitions, wasForgotten) => {
        if (this.member === undefined) early = partitions;
        else this.assigned(partitions, wasForgotten);
      },
      received: (fetched) => this.maker.queue(fetched.topic, fetched.partition)?.receive(fetched),
      reachedEnd: (topic, partition, offset) => this.maker.queue(topic, partition)?.reachedEnd(offset),
      interrupted: () => {
        for (const queue of this.maker.queues) queue.doubt();
      },
      failed: (error) => this.fail(kafkaFailed(error, `taking part in the group ${settings.group}`)),
    });
    if (early !== undefined) this.assigned(early, false);
  }

  private assigned(partitions: readonly number[], wasForgotten: boolean): void {
    const { logger } = this.setup.request;
    logger.info(
      { lanes: partitions },
      `The group assigned this process the lanes ${partitions.join(', ') || '(none)'}`,
    );
    for (const queue of this.maker.queues) if (partitions.includes(queue.partition)) queue.rejoined();
    this.held.assigned(partitions, wasForgotten);
  }

  /** If only partitions were added, the commits remain valid. */
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
