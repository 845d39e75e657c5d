export {
  type RedisFields,
  type RedisGroupOptions,
  type RedisListOptions,
  type RedisPlace,
  type RedisStreamOptions,
  redisGroup,
  redisList,
  redisStream,
} from './places.js';
export { RedisMessageBroker } from './redis-message-broker.js';
export type { RedisEntries, RedisOptions } from './redis-options.js';
