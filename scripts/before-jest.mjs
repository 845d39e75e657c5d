// Jest's global setup: starts the servers for the requested specs.
import startKafka from './kafka-for-jest.mjs';
import startRedis from './redis-for-jest.mjs';

export default async function setup(config) {
  await Promise.all([startKafka(config), startRedis(config)]);
}
