import { thrownText } from '../../base/thrown.js';
import type { MessageHeaders } from '../batch.js';

/**
 * What WaterMill needs of a Kafka client library, in its own words: neither names nor types of the library appear
 * above this file. Offsets are plain numbers. Every failure is a `KafkaClientError`.
 */
export interface KafkaClient {
  /** What the cluster says of these topics; one that does not exist is left out. */
  topics(topics: readonly string[]): Promise<ReadonlyMap<string, TopicFacts>>;
  /** What a topic takes. Nothing is known where this user may not ask. */
  limitsOf(topic: string): Promise<TopicLimits>;
  createTopics(topics: readonly NewTopic[]): Promise<void>;
  /** The first offset that is kept and the one after the last, by partition. */
  offsetsOf(topic: string): Promise<readonly OffsetRange[]>;
  /** The first offset at or after a time (milliseconds since 1970), by partition. */
  offsetsAt(topic: string, time: number): Promise<readonly number[]>;
  /** The last record of a partition, whether readers see it already or not. */
  lastRecord(topic: string, partition: number): Promise<KafkaRecord | undefined>;
  /** Every record of a partition that is for readers, from the first one to the last one that it has now. */
  readAll(
    topic: string,
    partition: number,
    take: (record: KafkaRecord) => void | Promise<void>,
    left?: (records: number) => void,
    /** Only records from this offset on. Returns the offset after the last one. */
    from?: number,
  ): Promise<number>;
  /** What a group has committed, for these topics or all; partitions without a commit are left out. */
  committed(group: string, topics?: readonly string[]): Promise<readonly CommittedOffset[]>;
  /**
   * What a group has committed for a partition, of all topics; partitions without a commit are left out. Resolves when no
   * transaction with such offsets is open: so, after `openProducer`, that is what its previous owner has committed.
   */
  committedFor(group: string, partition: number): Promise<readonly CommittedOffset[]>;
  /** Joins the group; resolves once it takes part. All topics of one partition fall to the same member. */
  join(membership: Membership): Promise<KafkaMember>;
  /** With a transactional id: its previous owner is fenced then, and what it had not committed is aborted. */
  openProducer(transactionalId: string | undefined): Promise<KafkaProducer>;
  close(): Promise<void>;
}

export interface TopicFacts {
  readonly partitions: number;
  /** Another one for each topic that was ever made under the name; undefined if the brokers tell none. */
  readonly id: string | undefined;
}

/** Undefined: not known. */
export interface TopicLimits {
  /** The largest batch of records, in bytes, as it is written. */
  readonly maxBytes: number | undefined;
  /** Of each key only the last record is kept, so that none may be without. */
  readonly isCompacted: boolean | undefined;
  /** Records are deleted by their age, or by the size of the topic. */
  readonly isDeleted?: boolean | undefined;
  /** How long a compacted topic keeps a record that says that its key is deleted. */
  readonly deleteRetentionMs?: number | undefined;
}

export interface NewTopic {
  readonly topic: string;
  readonly partitions: number;
  readonly replicationFactor: number | undefined;
  readonly isCompacted?: boolean;
}

export interface OffsetRange {
  readonly partition: number;
  readonly low: number;
  readonly high: number;
}

export interface TopicOffset {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly metadata: string;
}

export type CommittedOffset = TopicOffset;

/** What a member of a group asks for, and where it is called back. No callback may throw. */
export interface Membership {
  readonly group: string;
  readonly topics: readonly string[];
  /** How much of a partition is asked for at once. */
  readonly fetchBytes: number;
  /** The partitions that this member works on just now: they stay with it where that is possible. */
  held(): readonly number[];
  /**
   * The partitions that are this member's from now on. Nothing is fetched of a partition before `seek` and `resume`.
   * `wasForgotten`: the group had forgotten this member, so that others may have owned in the meantime what it holds.
   */
  assigned(partitions: readonly number[], wasForgotten: boolean): void;
  received(records: FetchedRecords): void;
  /** Nothing could be fetched for a while. */
  interrupted(): void;
  /** The member is out of the group for good. */
  failed(error: unknown): void;
}

export interface FetchedRecords {
  readonly topic: string;
  readonly partition: number;
  /** The offset that was asked for. */
  readonly from: number;
  /** The offset to ask for next: after the last record, also if that one is not for readers. */
  readonly next: number;
  /** The offset after the last record that the partition had by then. */
  readonly high: number;
  readonly records: readonly KafkaRecord[];
  /** The records after these could not be decompressed. */
  readonly undecoded?: { readonly offset: number; readonly why: string };
}

/** Its parts may be decoded when they are read. */
export interface KafkaRecord {
  readonly offset: number;
  readonly value: Buffer | null;
  /** The size of the value in bytes; -1 if there is none. */
  readonly valueLength: number;
  /** The value decoded as UTF-8. Only if there is one. */
  text(): string;
  readonly key: Buffer | null;
  /** Milliseconds since 1970; -1 if there is none. */
  readonly timestamp: number;
  readonly headers: MessageHeaders;
}

export interface KafkaMember {
  seek(topic: string, partition: number, offset: number): void;
  pause(topic: string, partition: number): void;
  resume(topic: string, partition: number): void;
  /** Where the group is being rebalanced, it waits for that; rejects as `fenced` if `taken` is aborted by then. */
  commit(offsets: readonly TopicOffset[], taken: AbortSignal): Promise<void>;
  /** What this member holds has changed, and another one waits for it: has the group rebalanced. */
  rebalance(): void;
  leave(): Promise<void>;
}

export interface OutgoingRecord {
  readonly partition: number;
  readonly key: string | Buffer | null;
  /** Null: in a compacted topic, the key is deleted. */
  readonly value: string | Buffer | null;
  /** Milliseconds since 1970. Default: the time of sending. */
  readonly timestamp?: number | undefined;
  readonly headers?: Readonly<Record<string, string | Buffer>>;
}

export interface KafkaProducer {
  /**
   * Resolves when all in-sync replicas have the records, with the offset after the last one, where the cluster said it. All of
   * them are for one partition.
   */
  send(topic: string, records: OutgoingRecord[]): Promise<number | undefined>;
  /** Only with a transactional id. What is sent from here on is visible when it is committed, or never. */
  begin(): Promise<void>;
  /** Commits what was sent, together with a group's offsets. */
  commit(group: string, offsets: readonly TopicOffset[]): Promise<void>;
  abort(): Promise<void>;
  close(): Promise<void>;
}

/**
 * What a program can do about a failure differs by its kind. `interrupted`: a connection broke, there was no answer in time,
 * or the cluster was busy with itself, so the same may go well later; `given up`: it was repeated as often as it may be.
 */
export type KafkaFailure =
  | 'fenced'
  | 'unauthorised'
  | 'too large'
  | 'invalid record'
  | 'interrupted'
  | 'given up'
  | 'other';

export class KafkaClientError extends Error {
  override readonly name = 'KafkaClientError';

  constructor(
    readonly kind: KafkaFailure,
    cause: unknown,
  ) {
    super(thrownText(cause), { cause });
  }
}
