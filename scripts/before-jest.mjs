// Jest's global setup: the servers that the specs which run need.
import startKafka from './kafka-for-jest.mjs';
import startRedis from './redis-for-jest.mjs';

export default async function setup(config) {
  await Promise.all([startKafka(config), startRedis(config)]);
}
