import type { MessageClass } from '../../../base/class.js';
import type { StreamCodec } from '../../../messages/index.js';
import type { Retry } from '../../retry.js';
import type { BootstrapAddress } from './bootstrap-address.js';
import type { CodecOption, CompressionName } from './compression.js';

/** Computes a part of a record from a result: a function, or an expression. */
export type ResultExpression<T> = ((element: T) => unknown) | { evaluate(element: T): unknown };

/** How results of a class become records, in addition to the codec. */
export interface TopicOptions<T> extends StreamCodec<T> {
  /** The key of a record, from a result: text, or a value that is converted to text. Default: records have no key. */
  key?: ResultExpression<T>;
  /**
   * The partition of a result. `lane`: the partition of its lane, so that results stay in order. `key`: the partition
   * of its key, chosen as by Java's clients, so that equal keys share a partition; a result without a key goes to the
   * partition of its lane. Then several lanes write to one partition: the results of each lane stay in order, those of
   * different lanes are interleaved, the topic may have another number of partitions than the others, and its end marks
   * are written when all lanes have ended. Default: `lane`.
   */
  partitionBy?: 'lane' | 'key';
  /**
   * The timestamp of a record: a Date, or milliseconds since 1970. Retention depends on it, and a cluster rejects
   * timestamps too far in the future. Default: the time of writing.
   */
  timestamp?: ResultExpression<T>;
}

/** Classes and their topics; each entry is checked separately. */
export type KafkaTopics<C extends readonly MessageClass<any>[]> = {
  [I in keyof C]:
    | readonly [message: C[I], topic: string]
    | readonly [message: C[I], topic: string, options: TopicOptions<InstanceType<C[I]>>];
};

/** Where a group without commits starts. A Date: at the first record of that time or later. */
export type StartFrom = 'earliest' | 'latest' | Date | StartPositions;

/** The offset to start at, by topic and partition; others start at the earliest. */
export type StartPositions = Readonly<Record<string, Readonly<Record<number, number>>>>;

/** The options of a `KafkaMessageBroker`. Times are in milliseconds. */
export interface KafkaOptions<C extends readonly MessageClass<any>[] = readonly MessageClass<any>[]> {
  /**
   * `host:port` of one or more brokers of the cluster, with an IPv6 address in brackets: `[::1]:9092`. They are tried
   * in turn when the mill starts, until one answers; one that does not answer delays the next by a second.
   */
  brokers: readonly string[];
  /** The consumer group: it shares the partitions and keeps the positions. Optional if nothing is read. */
  group?: string;
  /** The topic of each class. Several classes on one topic are several nodes on one stream. */
  topics: KafkaTopics<C>;
  /**
   * `at-least-once`: results are acknowledged by all in-sync replicas, then positions are committed; a crash in between
   * repeats the results since the last commit. `exactly-once`: one transaction contains both. Default: `at-least-once`.
   */
  guarantee?: 'at-least-once' | 'exactly-once';
  /**
   * Creates missing topics, with as many partitions as the inputs have, or with `partitions`, and the cluster's default
   * `replicationFactor` unless it is given. Default: false; a missing topic is an error.
   */
  createTopics?: boolean | { partitions?: number; replicationFactor?: number };
  /** Where a group without commits starts. Default: `earliest`. */
  startFrom?: StartFrom;
  /**
   * What to do if the cluster has deleted records that were not read: `fail` with an error that says what was lost, or
   * continue at the `earliest` that is left. Default: `fail`.
   */
  onLostPositions?: 'fail' | 'earliest';
  /**
   * What to do with records without a value (tombstones), or with an empty one: `bad` makes them bad messages, which
   * the input's policy handles; `skip` skips them. Default: `bad`.
   */
  emptyValues?: 'bad' | 'skip';
  /**
   * Codecs that decompress records and compress results: `{ snappy, lz4, zstd }`. Each is `{ decompress, compress }`,
   * or the export of a package for kafkajs. kafkajs has one table of codecs for the whole process: the last codec given
   * applies to all brokers. Default: gzip always, zstd if Node has it (22.15 and newer), and those that the program has
   * entered into that table.
   */
  codecs?: Partial<Record<'snappy' | 'lz4' | 'zstd', CodecOption>>;
  /** The compression of results, per request. Default: none. */
  compression?: CompressionName;
  /** A stream without new values for this long has ended. Default: it waits forever. */
  dataTimeoutMs?: number;
  /** The `onTimeout` of an open expression window is called after this long without new elements. Default: never. */
  pollTimeoutMs?: number;
  /** A process without a heartbeat for this long loses its partitions to others. Default: 30,000. */
  sessionTimeoutMs?: number;
  /** How long the members of a group may take to rejoin in a rebalance. Default: 60,000. */
  rebalanceTimeoutMs?: number;
  /** The interval of heartbeats; a rebalance waits for them. Default: 500. */
  heartbeatIntervalMs?: number;
  /**
   * The interval at which topics are checked for being deleted, recreated or given more partitions while the mill runs:
   * the run then fails with an error. Default: 5,000.
   */
  topicCheckIntervalMs?: number;
  /** The cluster aborts a transaction that is open for this long. Default: 60,000. */
  transactionTimeoutMs?: number;
  /** How long the cluster holds a fetch while there are no new records. Default: 100. */
  maxWaitMs?: number;
  /**
   * The number of bytes to request per partition at once; at most three times as much of it is held. Default: its share
   * of 1 MiB, at least 32 KiB and at most 256 KiB; if records are large, up to 2 MiB are held.
   */
  maxBytesPerPartition?: number;
  /** The name in the logs and quotas of the cluster. Default: `watermill`. */
  clientId?: string;
  /** TLS: true, or Node's options for it. */
  ssl?: boolean | object;
  /** Authentication: `{ mechanism, username, password }`, or anything else that the client accepts. Never logged. */
  sasl?: object;
  /** How often and when failed requests are retried. Default: 10 times, starting at 100 ms, at most 30 s apart. */
  retry?: { retries?: number; initialRetryTime?: number; maxRetryTime?: number; multiplier?: number; factor?: number };
  /** How long a new connection may take. Default: 1,000. */
  connectionTimeout?: number;
  /** How long the authentication of a connection may take. Default: 10,000. */
  authenticationTimeout?: number;
  /** How long before a session of `sasl` expires it is renewed. Default: 10,000. */
  reauthenticationThreshold?: number;
  /** How long a response may take; then the connection counts as broken. Default: 30,000. */
  requestTimeout?: number;
  /** Default: true; false waits for a response as long as the connection is open. */
  enforceRequestTimeout?: boolean;
  /** Opens the sockets of the client. Default: `net.connect`, or `tls.connect` with `ssl`. */
  socketFactory?: (...options: any[]) => any;
}

/** The options with defaults filled in. */
export interface KafkaSettings {
  readonly addresses: readonly BootstrapAddress[];
  readonly group: string | undefined;
  readonly exactlyOnce: boolean;
  readonly createTopics: false | { readonly partitions?: number; readonly replicationFactor?: number };
  readonly startFrom: StartFrom;
  readonly onLostPositions: 'fail' | 'earliest';
  readonly emptyValues: 'bad' | 'skip';
  readonly codecs: NonNullable<KafkaOptions['codecs']>;
  readonly compression: CompressionName | undefined;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
  readonly heartbeatIntervalMs: number;
  readonly topicCheckIntervalMs: number;
  readonly transactionTimeoutMs: number;
  readonly maxWaitMs: number;
  readonly maxBytesPerPartition: number | undefined;
  readonly retry: Retry;
  /** Options that are passed to the client library unchanged. */
  readonly client: Readonly<Record<string, unknown>>;
}
