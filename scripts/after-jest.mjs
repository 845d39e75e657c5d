// Jest's global teardown, which runs even if tests failed.
import { stopBroker } from './kafka-broker.mjs';
import { teardown as stopRedis } from './redis-for-jest.mjs';

export default async function teardown() {
  if (globalThis.watermillKafka !== undefined) await stopBroker(globalThis.watermillKafka);
  await stopRedis();
}
