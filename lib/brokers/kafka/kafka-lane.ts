import type { Json } from '../../base/json.js';
import type { BrokerLane, LaneProgress, StreamReader } from '../broker.js';
import type { CommittedOffset, KafkaProducer, TopicOffset } from './client.js';
import { type LaneProgressText, metadataLimit, readMetadata, writeMetadata } from './commit-metadata.js';
import { commitTooLarge, foreignPositions } from './kafka-errors.js';
import { KafkaReader, type ReadingOptions } from './kafka-reader.js';
import type { KafkaWriter } from './kafka-writer.js';
import type { PartitionQueue } from './partition-queue.js';

/** Marks the offsets of the topics that do not carry the vector. */
const companion = 'watermill';

export interface LaneInput extends ReadingOptions {
  readonly topic: string;
}

export interface LaneSetup {
  readonly group: string;
  readonly partition: number;
  readonly inputs: readonly LaneInput[];
  /** By topic. */
  readonly queues: ReadonlyMap<string, PartitionQueue>;
  readonly committed: readonly CommittedOffset[];
  /** Where a topic is read that nothing is committed for. */
  readonly startOffset: (topic: string) => Promise<number>;
  /** The offset itself if the cluster still has it, else what the policy says. */
  readonly checkedOffset: (topic: string, offset: number) => Promise<number>;
  readonly producer: KafkaProducer;
  readonly commit: (lane: KafkaLane, offsets: readonly TopicOffset[]) => Promise<void>;
  readonly released: (lane: KafkaLane) => Promise<void>;
}

/** One partition of every topic, while it is this process's. */
export class KafkaLane implements BrokerLane {
  readonly name: string;
  readonly committed: string | undefined;
  ended: boolean;
  writer: KafkaWriter | undefined;
  private readonly revocation = new AbortController();
  private readonly starts = new Map<string, number>();

  constructor(readonly setup: LaneSetup) {
    this.name = String(setup.partition);
    const progress = progressIn(setup);
    this.committed = progress?.text;
    this.ended = progress?.ended ?? false;
    for (const { topic, offset } of setup.committed) this.starts.set(topic, offset);
  }

  get label(): string {
    return `partition ${this.name}`;
  }

  get partition(): number {
    return this.setup.partition;
  }

  get revoked(): AbortSignal {
    return this.revocation.signal;
  }

  revoke(): void {
    this.revocation.abort();
  }

  async openReader(input: number, mark: Json | undefined): Promise<StreamReader> {
    const { inputs, queues, checkedOffset } = this.setup;
    const { topic, ...options } = inputs[input]!;
    // A mark is where a batch began; no node needs anything of it below the offset that was committed.
    const known = Math.max((mark as number | undefined) ?? -1, this.starts.get(topic) ?? -1);
    const offset = await checkedOffset(topic, known >= 0 ? known : await this.setup.startOffset(topic));
    if (!this.starts.has(topic)) this.starts.set(topic, offset);
    return new KafkaReader(queues.get(topic)!, options, offset);
  }

  async commit(text: string, { positions, ended }: LaneProgress): Promise<void> {
    const metadata = writeMetadata({ text, ended });
    const bytes = Buffer.byteLength(metadata);
    if (bytes > metadataLimit) throw commitTooLarge(this.name, bytes);
    await this.setup.commit(this, this.offsets(positions, metadata));
    this.ended = ended;
  }

  release(): Promise<void> {
    return this.setup.released(this);
  }

  /** The lowest offset that any node of a topic still needs; the first topic carries the vector. */
  private offsets(positions: readonly number[], metadata: string): TopicOffset[] {
    const { inputs, partition } = this.setup;
    const lowest = new Map<string, number>();
    for (const [i, { topic }] of inputs.entries()) {
      lowest.set(topic, Math.min(positions[i] as number, lowest.get(topic) ?? Number.POSITIVE_INFINITY));
    }
    return [...lowest].map(([topic, position], i) => ({
      topic,
      partition,
      offset: Math.max(position, this.starts.get(topic) ?? 0),
      metadata: i === 0 ? metadata : companion,
    }));
  }
}

function progressIn({ group, partition, inputs, committed }: LaneSetup): LaneProgressText | undefined {
  const first = inputs[0]!.topic;
  for (const { topic, metadata } of committed) {
    const isOurs = topic === first ? readMetadata(metadata) !== undefined : metadata === companion;
    if (!isOurs) throw foreignPositions(group, topic, partition);
  }
  const carrier = committed.find(({ topic }) => topic === first);
  if (carrier === undefined && committed.length > 0) throw foreignPositions(group, committed[0]!.topic, partition);
  return carrier === undefined ? undefined : readMetadata(carrier.metadata);
}
