import type { ConnectRequest } from '../broker.js';
import type { KafkaClient, TopicFacts, TopicLimits } from './client.js';
import type { LaneInput } from './kafka-lane.js';
import type { KafkaSettings } from './options/kafka-options.js';
import type { KafkaTarget } from './results/kafka-writer.js';

/** What a connection works with, once its topics are checked. */
export interface ConnectionSetup {
  readonly client: KafkaClient;
  readonly settings: KafkaSettings;
  readonly request: ConnectRequest;
  readonly inputs: readonly LaneInput[];
  readonly targets: readonly KafkaTarget[];
  /** How many partitions every topic has. */
  readonly partitions: number;
  /** What the cluster said of all topics when the mill began. */
  readonly topics: ReadonlyMap<string, TopicFacts>;
  /** The topics of tables, and what they take; empty if the mill has no tables. */
  readonly tables: ReadonlyMap<string, TopicLimits>;
}
