import type { ConnectRequest } from '../broker.js';
import type { KafkaClient, TopicFacts, TopicLimits } from './client.js';
import type { LaneInput } from './kafka-lane.js';
import type { KafkaSettings } from './options/kafka-options.js';
import type { KafkaTarget } from './results/kafka-writer.js';

/** The settings of a connection whose topics have been checked. */
export interface ConnectionSetup {
  readonly client: KafkaClient;
  readonly settings: KafkaSettings;
  readonly request: ConnectRequest;
  readonly inputs: readonly LaneInput[];
  readonly targets: readonly KafkaTarget[];
  /** The number of partitions of every topic. */
  readonly partitions: number;
  /** The facts of all topics when the mill started. */
  readonly topics: ReadonlyMap<string, TopicFacts>;
  /** The topics of tables with their limits; empty if the mill has no tables. */
  readonly tables: ReadonlyMap<string, TopicLimits>;
}
