import type { Json } from '../../base/json.js';
import type { BrokerLane, LaneProgress, StreamReader } from '../broker.js';
import type { KeptTables, TableRequest } from '../kept-tables.js';
import { LaneClaim } from '../partitions/lane-claim.js';
import { type LaneStage, stageOfCommit } from '../partitions/lane-stage.js';
import type { CommittedOffset, KafkaProducer, TopicOffset } from './client.js';
import { companionMetadata, type LaneProgressText, metadataLimit, writeMetadata } from './commit-metadata.js';
import { commitTooLarge } from './kafka-errors.js';
import { committedProgress } from './lane-progress.js';
import { KafkaReader, type ReadingOptions } from './reading/kafka-reader.js';
import type { PartitionQueue } from './reading/partition-queue.js';
import type { KafkaWriter } from './results/kafka-writer.js';
import type { TableTopics } from './tables/table-topics.js';

export interface LaneInput extends ReadingOptions {
  readonly topic: string;
}

export interface LaneSetup {
  readonly group: string;
  readonly partition: number;
  /** The fingerprint of the mill's plan. */
  readonly plan: string;
  readonly inputs: readonly LaneInput[];
  /** The ids of the topics, if the cluster has them. */
  readonly topicIds: ReadonlyMap<string, string | undefined>;
  /** By topic. */
  readonly queues: ReadonlyMap<string, PartitionQueue>;
  /** All offsets that the group has committed for the partition. */
  readonly committed: readonly CommittedOffset[];
  /** The offset to start a topic at without a commit. */
  readonly startOffset: (topic: string) => Promise<number>;
  /** `startOffset` may return another offset later, so the lane commits where it begins; never if it commits nothing. */
  readonly startMoves: boolean;
  /** The offset itself if the cluster still has it; otherwise by the policy. */
  readonly checkedOffset: (topic: string, offset: number) => Promise<number>;
  readonly producer: KafkaProducer;
  /** For lanes with tables: commits their changes together with the positions. */
  readonly committer?: KafkaProducer | undefined;
  readonly openTables?: (lane: KafkaLane, tables: readonly TableRequest[], isNew: boolean) => Promise<TableTopics>;
  /** End marks must be written when the lane is over. */
  readonly hasOutputs: boolean;
  readonly commit: (lane: KafkaLane, offsets: readonly TopicOffset[]) => Promise<void>;
  /** Rejects if the group has other offsets for the partition than `committed`. */
  readonly confirm: (lane: KafkaLane) => Promise<void>;
  readonly released: (lane: KafkaLane) => Promise<void>;
}

/** One partition of every topic, while this process owns it. */
export class KafkaLane implements BrokerLane {
  readonly name: string;
  committed: string | undefined;
  stage: LaneStage;
  writer: KafkaWriter | undefined;
  tables: TableTopics | undefined;
  private readonly claim = new LaneClaim();
  private readonly starts = new Map<string, number>();
  private readonly readers = new Map<string, KafkaReader>();
  private left: readonly CommittedOffset[] = [];
  /** The last committed offsets, by topic. */
  private offsets: ReadonlyMap<string, number>;

  constructor(readonly setup: LaneSetup) {
    this.name = String(setup.partition);
    const { plan, inputs, committed } = setup;
    const progress = committedProgress(setup);
    this.committed = progress?.text;
    this.stage = progress?.plan === plan ? progress.stage : 'open';
    const isInput = ({ topic }: CommittedOffset): boolean => inputs.some((input) => input.topic === topic);
    for (const { topic, offset } of committed.filter(isInput)) this.starts.set(topic, offset);
    this.offsets = new Map(this.starts);
  }

  /** The next commit also replaces the offsets that other plans left in the group. */
  async restart(): Promise<void> {
    this.committed = undefined;
    this.starts.clear();
    this.left = this.setup.committed;
  }

  get label(): string {
    return `partition ${this.name}`;
  }

  get partition(): number {
    return this.setup.partition;
  }

  get revoked(): AbortSignal {
    return this.claim.revoked;
  }

  /** The lane goes to another member once it is released. */
  revoke(): void {
    this.claim.revoke();
  }

  get lost(): AbortSignal {
    return this.claim.lost;
  }

  /** Another member may own the lane already, or the outcome of a commit is unknown. */
  lose(): void {
    this.claim.lose();
  }

  async openTables(tables: readonly TableRequest[], mark: Json | undefined): Promise<KeptTables> {
    const opened = await this.setup.openTables?.(this, tables, mark === undefined);
    this.tables = opened;
    return opened as TableTopics;
  }

  async openReader(input: number, mark: Json | undefined): Promise<StreamReader> {
    const { inputs, queues, checkedOffset, startMoves } = this.setup;
    const { topic, ...options } = inputs[input]!;
    // A mark is the start of a batch; no node needs anything of it below the committed offset.
    const known = Math.max((mark as number | undefined) ?? -1, this.starts.get(topic) ?? -1);
    const offset = await checkedOffset(topic, known >= 0 ? known : await this.setup.startOffset(topic));
    if (!this.starts.has(topic)) this.starts.set(topic, offset);
    const reader = new KafkaReader(queues.get(topic)!, options, offset, known < 0 && startMoves);
    this.readers.set(topic, reader);
    return reader;
  }

  check(text: string): void {
    // Texts up to this length fit without compression, which takes time.
    if (text.length * 3 > metadataLimit) this.metadataOf({ text, stage: 'open', plan: this.setup.plan });
  }

  commit(text: string, { positions, ended }: LaneProgress): Promise<void> {
    return this.keep(text, stageOfCommit(ended, this.setup.hasOutputs), this.lowest(positions));
  }

  /** Commits that end marks are written. */
  reach(stage: 'marked' | 'ended'): Promise<void> {
    return this.keep(this.committed as string, stage, this.offsets);
  }

  confirm(): Promise<void> {
    return this.setup.confirm(this);
  }

  release(): Promise<void> {
    return this.setup.released(this);
  }

  private metadataOf(progress: LaneProgressText): string {
    const metadata = writeMetadata(progress, this.setup.topicIds.get(this.setup.inputs[0]!.topic));
    const bytes = Buffer.byteLength(metadata);
    if (bytes > metadataLimit) throw commitTooLarge(this.name, bytes);
    return metadata;
  }

  /** The first topic carries the vector. */
  private async keep(text: string, stage: LaneStage, offsets: ReadonlyMap<string, number>): Promise<void> {
    const { partition, inputs, plan, topicIds } = this.setup;
    const metadata = this.metadataOf({ text, stage, plan });
    const left = this.left
      .filter(({ topic }) => !offsets.has(topic))
      .map(({ topic, offset }) => [topic, offset] as const);
    const entries = [...offsets, ...left].map(([topic, offset]) => ({
      topic,
      partition,
      offset,
      metadata: topic === inputs[0]!.topic ? metadata : companionMetadata(topicIds.get(topic)),
    }));
    await this.setup.commit(this, entries);
    for (const reader of this.readers.values()) reader.committed();
    this.left = [];
    this.offsets = offsets;
    this.committed = text;
    this.stage = stage;
  }

  /**
   * The lowest offset of each topic that a node still needs. Records that are not read count as done: if the cluster
   * deletes them, nothing is lost.
   */
  private lowest(positions: readonly number[]): Map<string, number> {
    const lowest = new Map<string, number>();
    for (const [i, { topic }] of this.setup.inputs.entries()) {
      const needed = Math.max(positions[i] as number, this.starts.get(topic) ?? 0);
      const position = this.readers.get(topic)?.passed(needed) ?? needed;
      lowest.set(topic, Math.min(position, lowest.get(topic) ?? Number.POSITIVE_INFINITY));
    }
    return lowest;
  }
}
