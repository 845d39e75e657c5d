import type { MessageClass } from '../../../base/class.js';
import type { StreamCodec } from '../../../messages/index.js';
import type { Retry } from '../../partitions/setbacks.js';
import type { BootstrapAddress } from './bootstrap-address.js';
import type { CodecOption, CompressionName } from './compression.js';

/** A part of a record, from a result: a function of it, or an expression over it. */
export type ResultExpression<T> = ((element: T) => unknown) | { evaluate(element: T): unknown };

/** How results of a class become records, in addition to the codec. */
export interface TopicOptions<T> extends StreamCodec<T> {
  /** The record's key, of a result: text, or what becomes text. Default: records have no key. */
  key?: ResultExpression<T>;
  /**
   * Which partition a result goes to. `lane`: to that of the lane that gave it, so that results stay in order. `key`: to
   * that of its key, chosen as Java's clients do, so that equal keys end up together; a result without a key goes to that of
   * its lane. Then several lanes write to one partition: results of one lane stay in order, those of several mix, the
   * topic may have another number of partitions than the others, and its end marks come when all lanes have ended.
   * Default: `lane`.
   */
  partitionBy?: 'lane' | 'key';
  /**
   * The record's timestamp: a Date, or milliseconds since 1970. Mind that retention goes by it, and that a cluster refuses
   * what is too far in the future. Default: the time of writing.
   */
  timestamp?: ResultExpression<T>;
}

/** A class and its topic; each entry is checked by itself. */
export type KafkaTopics<C extends readonly MessageClass<any>[]> = {
  [I in keyof C]:
    | readonly [message: C[I], topic: string]
    | readonly [message: C[I], topic: string, options: TopicOptions<InstanceType<C[I]>>];
};

/** Where a group begins that has committed nothing. A Date: at the first record of that time or later. */
export type StartFrom = 'earliest' | 'latest' | Date | StartPositions;

/** The offset to begin at, by topic and partition; what is left out begins at the earliest. */
export type StartPositions = Readonly<Record<string, Readonly<Record<number, number>>>>;

/** How a `KafkaMessageBroker` connects, reads and writes. Times are in milliseconds. */
export interface KafkaOptions<C extends readonly MessageClass<any>[] = readonly MessageClass<any>[]> {
  /**
   * `host:port` of one or more brokers of the cluster, an IPv6 address in brackets: `[::1]:9092`. Each is tried when the
   * mill starts, until one answers; one that is silent delays the next by a second.
   */
  brokers: readonly string[];
  /** The consumer group: it shares the partitions and keeps the positions. May be left out where nothing is read. */
  group?: string;
  /** Which topic holds which class. Several classes on one topic are several nodes on one stream. */
  topics: KafkaTopics<C>;
  /**
   * `at-least-once`: results are acknowledged by all in-sync replicas, then positions are committed; a crash between
   * repeats results since the last commit. `exactly-once`: one transaction holds both. Default: `at-least-once`.
   */
  guarantee?: 'at-least-once' | 'exactly-once';
  /** Makes topics that do not exist, with as many partitions as the inputs have. Default: false, a missing one is an error. */
  createTopics?: boolean | { partitions?: number; replicationFactor?: number };
  /** Where a group begins that has committed nothing. Default: `earliest`. */
  startFrom?: StartFrom;
  /**
   * Positions that the cluster no longer has, because it deleted the records: `fail` with an error that says what was lost,
   * or continue at the `earliest` that is left. Default: `fail`.
   */
  onLostPositions?: 'fail' | 'earliest';
  /** Records without a value (tombstones), or with one of no bytes: bad messages, which the input's policy handles, or skipped. Default: `bad`. */
  emptyValues?: 'bad' | 'skip';
  /**
   * What decompresses records, and compresses results: `{ snappy, lz4, zstd }`. Each is `{ decompress, compress }`, or what
   * packages made for kafkajs export. kafkajs has one table of codecs for the whole process: the last one given applies to
   * all brokers. Default: gzip always, zstd where Node has it (22.15 and newer), and what the program has entered there.
   */
  codecs?: Partial<Record<'snappy' | 'lz4' | 'zstd', CodecOption>>;
  /** How results are compressed, a request at a time. Default: they are not. */
  compression?: CompressionName;
  /** A stream on which nothing came for this long has ended. Default: it waits forever. */
  dataTimeoutMs?: number;
  /** An open window without new elements is asked again after this long. Default: never. */
  pollTimeoutMs?: number;
  /** A process that is silent for this long loses its partitions to others. Default: 30,000. */
  sessionTimeoutMs?: number;
  /** How long the members of a group have to join when it is rebalanced. Default: 60,000. */
  rebalanceTimeoutMs?: number;
  /** How often a process sends a heartbeat; rebalancing waits for it. Default: 500. */
  heartbeatIntervalMs?: number;
  /**
   * How often topics are checked for being deleted, recreated, or given more partitions while the mill runs: then the run
   * fails, and says so. Default: 5,000.
   */
  topicCheckIntervalMs?: number;
  /** A transaction that is open for this long is aborted by the cluster. Default: 60,000. */
  transactionTimeoutMs?: number;
  /** How long the cluster holds a request while there is nothing new. Default: 100. */
  maxWaitMs?: number;
  /**
   * How much is asked for at once per partition; at most three times that is held of it. Default: its share of 1 MiB, at
   * least 32 KiB and at most 256 KiB, of which more is held where records are large, up to 2 MiB.
   */
  maxBytesPerPartition?: number;
  /** The name in the cluster's logs and quotas. Default: `watermill`. */
  clientId?: string;
  /** TLS: true, or Node's options for it. */
  ssl?: boolean | object;
  /** Authentication: `{ mechanism, username, password }`, or what else the client takes. Never logged. */
  sasl?: object;
  /** How often and when failed requests are retried. Default: 10 times, from 100 ms on, at most 30 s apart. */
  retry?: { retries?: number; initialRetryTime?: number; maxRetryTime?: number; multiplier?: number; factor?: number };
  connectionTimeout?: number;
  authenticationTimeout?: number;
  reauthenticationThreshold?: number;
  requestTimeout?: number;
  enforceRequestTimeout?: boolean;
  socketFactory?: (...options: any[]) => any;
}

/** The options with their defaults. */
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
