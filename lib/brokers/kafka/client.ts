import { thrownText } from '../../base/thrown.js';
import type { MessageHeaders } from '../batch.js';

/**
 * The Kafka client library as WaterMill needs it: neither names nor types of the library are used above this file.
 * Offsets are plain numbers. Every failure is a `KafkaClientError`.
 */
export interface KafkaClient {
  /** The facts of these topics; topics that do not exist are left out. */
  topics(topics: readonly string[]): Promise<ReadonlyMap<string, TopicFacts>>;
  /** The limits of a topic. Undefined values if this user must not ask. */
  limitsOf(topic: string): Promise<TopicLimits>;
  createTopics(topics: readonly NewTopic[]): Promise<void>;
  /** The first available offset and the offset after the last record that is visible to readers, by partition. */
  offsetsOf(topic: string): Promise<readonly OffsetRange[]>;
  /** The first offset at or after a time (milliseconds since 1970), by partition. */
  offsetsAt(topic: string, time: number): Promise<readonly number[]>;
  /** The last record of a partition that is visible to readers. */
  lastRecord(topic: string, partition: number): Promise<KafkaRecord | undefined>;
  /**
   * Reads all records of a partition that are visible to readers, from the first one to the last one at this time. Waits
   * for open transactions before that, as long as requests are retried.
   */
  readAll(
    topic: string,
    partition: number,
    take: (record: KafkaRecord) => void | Promise<void>,
    left?: (records: number) => void,
    /** Reads only records from this offset on. Resolves to the offset after the last one. */
    from?: number,
  ): Promise<number>;
  /** The committed offsets of a group, for these topics or for all; partitions without a commit are left out. */
  committed(group: string, topics?: readonly string[]): Promise<readonly CommittedOffset[]>;
  /**
   * The committed offsets of a group for a partition, of all topics; partitions without a commit are left out. Resolves
   * when no transaction with such offsets is open. A coordinator that was replaced while it stood still may answer with
   * old ones: the owner of a partition takes those of its producer.
   */
  committedFor(group: string, partition: number): Promise<readonly CommittedOffset[]>;
  /**
   * Joins the group; resolves once the member takes part. Equal partitions of all topics are assigned to the same
   * member.
   */
  join(membership: Membership): Promise<KafkaMember>;
  /**
   * Opens a producer. With a transactional id, the previous owner is fenced, and its open transaction is aborted; then
   * the producer has the committed offsets of `owned`.
   */
  openProducer(transactionalId: string | undefined, owned?: OwnedPartition): Promise<KafkaProducer>;
  close(): Promise<void>;
}

/** The partition of all topics of a group whose owner a producer is. */
export interface OwnedPartition {
  readonly group: string;
  /** One of the topics. */
  readonly topic: string;
  readonly partition: number;
}

export interface TopicFacts {
  readonly partitions: number;
  /**
   * The id, different for each topic that was ever created under the name; undefined if the brokers have no topic ids.
   */
  readonly id: string | undefined;
  /** Whether this user may read records, and write them; undefined if that is not known. */
  readonly mayRead?: boolean | undefined;
  readonly mayWrite?: boolean | undefined;
}

/** Undefined values are unknown. */
export interface TopicLimits {
  /** The largest batch of records, in bytes, as written. */
  readonly maxBytes: number | undefined;
  /** Only the last record of each key is kept, so every record needs a key. */
  readonly isCompacted: boolean | undefined;
  /** Records are deleted by age, or by the size of the topic. */
  readonly isDeleted?: boolean | undefined;
  /** The cluster replaces the timestamps of records with the time at which it stores them. */
  readonly isAppendTime?: boolean | undefined;
  /** How long a compacted topic keeps a tombstone, in milliseconds. */
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

/** The settings and callbacks of a group member. Callbacks must not throw. */
export interface Membership {
  readonly group: string;
  /** The fingerprint of the mill's plan: only members with the same one share lanes. */
  readonly plan: string;
  readonly topics: readonly string[];
  /** The number of bytes to request from a partition at once. */
  readonly fetchBytes: number;
  /** Returns the partitions that this member is working on: they stay with it if possible. */
  held(): readonly number[];
  /**
   * Called with the partitions that belong to this member from now on. Nothing is fetched from a partition before
   * `seek` and `resume`. `wasForgotten`: the group had removed this member, so other members may have owned its
   * partitions in the meantime.
   */
  assigned(partitions: readonly number[], wasForgotten: boolean): void;
  received(records: FetchedRecords): void;
  /**
   * Called each time that the leader of a partition has answered a fetch from this offset with nothing, as there is
   * nothing: no record, and no open transaction.
   */
  readonly reachedEnd: (topic: string, partition: number, offset: number) => void;
  /** Called if nothing could be fetched for a while. */
  interrupted(): void;
  /** Called when the member has left the group permanently. */
  failed(error: unknown): void;
}

export interface FetchedRecords {
  readonly topic: string;
  readonly partition: number;
  /** The requested offset. */
  readonly from: number;
  /** The offset to request next: after the last record, even if that is not visible to readers. */
  readonly next: number;
  /** The offset up to which the partition could be read at that time: an open transaction may follow. */
  readonly high: number;
  readonly records: readonly KafkaRecord[];
  /** The records after these could not be decompressed. */
  readonly undecoded?: { readonly offset: number; readonly why: string };
  /** The partition has no record at the requested offset any more, or not yet. */
  readonly isOutOfRange?: boolean;
}

/** Parts of a record may be decoded on access. */
export interface KafkaRecord {
  readonly offset: number;
  readonly value: Buffer | null;
  /** The size of the value in bytes; -1 if there is none. */
  readonly valueLength: number;
  /** The value decoded as UTF-8. Only if there is a value. */
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
  /** Commits offsets. Waits for a rebalance in progress; rejects as `fenced` if `taken` is aborted by then. */
  commit(offsets: readonly TopicOffset[], taken: AbortSignal): Promise<void>;
  /** Triggers a rebalance: this member has released partitions, and another one waits for them. */
  rebalance(): void;
  leave(): Promise<void>;
}

export interface OutgoingRecord {
  readonly partition: number;
  readonly key: string | Buffer | null;
  /** Null in a compacted topic: a tombstone, which deletes the key. */
  readonly value: string | Buffer | null;
  /** Milliseconds since 1970. Default: the time of sending. */
  readonly timestamp?: number | undefined;
  readonly headers?: Readonly<Record<string, string | Buffer>>;
}

/** Records in the form in which a batch stores them; their time is that of sending. Unchanged until `send` resolves. */
export interface EncodedRecords {
  readonly partition: number;
  /** The number of records. */
  readonly length: number;
  /** The records, after room for the header of the batch, which is written here. */
  readonly bytes: Buffer;
  /** The end of the records. */
  readonly end: number;
  /** The same as single records. Their bytes are those of the batch. */
  records(): readonly OutgoingRecord[];
}

/** Records of one partition. */
export type OutgoingRecords = readonly OutgoingRecord[] | EncodedRecords;

export interface KafkaProducer {
  /**
   * The committed offsets of the partition that it owns, when it was opened: all that previous owners have committed.
   * Undefined for other producers.
   */
  readonly committed?: readonly CommittedOffset[] | undefined;
  /**
   * Sends records to one partition. Resolves when all in-sync replicas have them, to the offset after the last one, if
   * the cluster reported it.
   */
  send(topic: string, records: OutgoingRecords): Promise<number | undefined>;
  /**
   * Begins a transaction. Only with a transactional id. Records sent from here on become visible with the commit, or
   * never.
   */
  begin(): Promise<void>;
  /** Commits the sent records together with offsets of a group. */
  commit(group: string, offsets: readonly TopicOffset[]): Promise<void>;
  abort(): Promise<void>;
  close(): Promise<void>;
}

/**
 * The kinds of failures, by what a program can do about them. `interrupted`: a connection broke, there was no answer in
 * time, or the cluster was busy, so a retry may succeed; `given up`: the retries are exhausted.
 */
export type KafkaFailure =
  | 'fenced'
  | 'unauthorised'
  | 'too large'
  | 'invalid record'
  | 'invalid timestamp'
  | 'transaction timeout'
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
