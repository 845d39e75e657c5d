export {
  type RedisFields,
  type RedisPlace,
  type RedisStreamOptions,
  redisStream,
} from './places.js';
export { RedisMessageBroker } from './redis-message-broker.js';
export type { RedisEntries, RedisOptions } from './redis-options.js';
