export {
  type RedisFields,
  type RedisGroupOptions,
  type RedisListOptions,
  type RedisPlace,
  type RedisStreamOptions,
  redisGroup,
  redisList,
  redisStream,
} from './options/places.js';
export type { RedisEntries, RedisOptions } from './options/redis-options.js';
export { RedisMessageBroker } from './redis-message-broker.js';
