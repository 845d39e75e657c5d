export { KafkaMessageBroker } from './kafka-message-broker.js';
export type { CodecOption, CompressionCodec, CompressionName } from './options/compression.js';
export type {
  KafkaOptions,
  KafkaTopics,
  ResultExpression,
  StartFrom,
  StartPositions,
  TopicOptions,
} from './options/kafka-options.js';
