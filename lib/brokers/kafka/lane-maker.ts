import { isDate } from '../../base/date.js';
import type { TableRequest } from '../kept-tables.js';
import { FetchBudget } from '../partitions/fetch-budget.js';
import { closingLane, type LaneStage } from '../partitions/lane-stage.js';
import { Setbacks } from '../partitions/setbacks.js';
import type { Breakage } from './breakage.js';
import type { CommittedOffset, KafkaMember, KafkaProducer, TopicOffset } from './client.js';
import { readMetadata } from './commit-metadata.js';
import type { ConnectionSetup } from './connection-setup.js';
import { laneTaken, partitionAfterEnd } from './kafka-errors.js';
import { KafkaLane } from './kafka-lane.js';
import { PartitionQueue } from './reading/partition-queue.js';
import { checkedOffset, startOffset } from './reading/start-offsets.js';
import { LaneWriters } from './results/lane-writers.js';
import { TableTopics } from './tables/table-topics.js';

export interface LaneMakerSetup extends ConnectionSetup {
  readonly member: () => KafkaMember;
  readonly released: (lane: KafkaLane) => Promise<void>;
  readonly breakage: Breakage;
  /** Rejects if a topic was recreated since the mill started. */
  readonly checkTopics: () => Promise<void>;
}

/** Makes the lanes of a member from the group's commits, with queues that outlive the lanes. */
export class LaneMaker {
  readonly writers: LaneWriters;
  readonly topics: readonly string[];
  readonly budget: FetchBudget;
  private readonly byKey = new Map<string, PartitionQueue>();
  private readonly setbacks: Setbacks;

  constructor(private readonly setup: LaneMakerSetup) {
    this.setbacks = new Setbacks(setup.settings.retry);
    this.writers = new LaneWriters(setup, this.setbacks, setup.breakage);
    this.topics = [...new Set(setup.inputs.map(({ topic }) => topic))];
    this.budget = new FetchBudget(setup.settings.maxBytesPerPartition, this.topics.length * setup.partitions);
  }

  /** The previous owner of the lane is fenced first: only then its last commit is final. */
  async make(partition: number): Promise<KafkaLane> {
    const { client, settings, request, inputs, targets, released } = this.setup;
    const group = settings.group as string;
    await this.setbacks.pause(partition);
    const producer = await this.writers.producerOf(partition);
    const committer = await this.writers.committerOf(partition, producer);
    const committed = (committer ?? producer).committed ?? (await client.committedFor(group, partition));
    const lane = new KafkaLane({
      plan: request.plan,
      group,
      partition,
      inputs,
      topicIds: new Map([...this.setup.topics].map(([topic, { id }]) => [topic, id])),
      queues: new Map(this.topics.map((topic) => [topic, this.queueOf(topic, partition)])),
      committed,
      startOffset: (topic) => startOffset(client, settings, topic, partition),
      startMoves: request.startsOver !== true && (settings.startFrom === 'latest' || isDate(settings.startFrom)),
      checkedOffset: (topic, offset) =>
        checkedOffset(client, settings, { topic, partition, offset, isBeingRead: false }, request.logger),
      producer,
      committer,
      openTables: (lane, tables, isNew) => this.openTables(lane, tables, isNew),
      hasOutputs: targets.length > 0,
      commit: (lane, offsets) => this.commit(lane, offsets),
      confirm: (lane) => this.confirm(lane),
      released,
    });
    if (lane.stage === 'open') await this.refuseAfterEnd(partition);
    return lane;
  }

  /** Throws for a new partition if the outputs of all lanes have their end marks: readers stop there. */
  private async refuseAfterEnd(partition: number): Promise<void> {
    const shared = this.setup.targets.find(({ isShared }) => isShared);
    if (shared === undefined || partition === closingLane) return;
    if ((await this.stages()).get(closingLane) !== 'ended') return;
    throw partitionAfterEnd(this.topics[0] as string, partition, shared.topic);
  }

  /** The stage of each lane in the group. */
  async stages(): Promise<Map<number, LaneStage>> {
    const { client, settings, request } = this.setup;
    const committed = await client.committed(settings.group as string, this.topics.slice(0, 1));
    const stageOf = ({ metadata }: CommittedOffset): LaneStage => {
      const progress = readMetadata(metadata);
      return progress?.plan === request.plan ? progress.stage : 'open';
    };
    return new Map(committed.map((entry) => [entry.partition, stageOf(entry)] as const));
  }

  queue(topic: string, partition: number): PartitionQueue | undefined {
    return this.byKey.get(`${topic}/${partition}`);
  }

  get queues(): Iterable<PartitionQueue> {
    return this.byKey.values();
  }

  private async commit(lane: KafkaLane, offsets: readonly TopicOffset[]): Promise<void> {
    const { exactlyOnce, group } = this.setup.settings;
    const { tables } = lane;
    const send = tables && ((producer: KafkaProducer) => tables.send(producer));
    try {
      if (exactlyOnce) await (lane.writer ?? this.writers.open(lane)).commit(group as string, offsets, send);
      else if (send !== undefined) await this.inTransaction(lane, offsets, send);
      else await this.setup.breakage.guard(() => this.setup.member().commit(offsets, lane.lost));
      tables?.sent();
      this.setbacks.forget(lane.partition);
    } catch (error) {
      throw this.writers.laneFailed(lane, error, `committing lane ${lane.name}`);
    }
  }

  private async confirm(lane: KafkaLane): Promise<void> {
    const { group, partition, committed } = lane.setup;
    let found: readonly CommittedOffset[];
    try {
      found = await this.setup.client.committedFor(group, partition);
    } catch (error) {
      throw this.writers.laneFailed(lane, error, `confirming lane ${lane.name}`);
    }
    if (textOf(found) === textOf(committed)) return;
    lane.lose();
    throw laneTaken(lane.name, undefined);
  }

  private async openTables(lane: KafkaLane, tables: readonly TableRequest[], isNew: boolean): Promise<TableTopics> {
    const { client, settings, request, tables: limits } = this.setup;
    const group = settings.group as string;
    const place = { group, partition: lane.partition, now: () => request.clock.now() };
    const confirm = (send: (producer: KafkaProducer) => Promise<void>): Promise<void> =>
      this.inTransaction(lane, lane.setup.committed, send).catch((error) => {
        throw this.writers.laneFailed(lane, error, `restoring the tables of lane ${lane.name}`);
      });
    return TableTopics.open({ ...place, client, tables, limits, confirm }, isNew);
  }

  /** Commits in a transaction of the lane, which does not contain its results. */
  private async inTransaction(
    { setup }: KafkaLane,
    offsets: readonly TopicOffset[],
    send: (producer: KafkaProducer) => Promise<void>,
  ): Promise<void> {
    const committer = setup.committer as KafkaProducer;
    await committer.begin();
    try {
      await send(committer);
      await committer.commit(setup.group, offsets);
    } catch (error) {
      await committer.abort().catch(() => {});
      throw error;
    }
  }

  private queueOf(topic: string, partition: number): PartitionQueue {
    const known = this.queue(topic, partition);
    if (known !== undefined) return known;
    const { client, settings, member, request, checkTopics } = this.setup;
    const queue = new PartitionQueue(topic, partition, {
      member: member(),
      budget: this.budget,
      now: () => request.clock.now(),
      checkTopic: checkTopics,
      checkPosition: (offset) =>
        checkedOffset(client, settings, { topic, partition, offset, isBeingRead: true }, request.logger),
    });
    this.byKey.set(`${topic}/${partition}`, queue);
    return queue;
  }
}

function textOf(committed: readonly CommittedOffset[]): string {
  const texts = committed.map(({ topic, offset, metadata }) => JSON.stringify([topic, offset, metadata]));
  return texts.sort().join();
}
