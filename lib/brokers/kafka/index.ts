export type { CodecOption, CompressionCodec, CompressionName } from './compression.js';
export { KafkaMessageBroker } from './kafka-message-broker.js';
export type {
  KafkaOptions,
  KafkaTopics,
  ResultExpression,
  StartFrom,
  StartPositions,
  TopicOptions,
} from './kafka-options.js';
