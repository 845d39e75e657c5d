// Jest's global setup: starts a Redis server once, if specs that need one run.
import { areAskedFor } from './asked-specs.mjs';
import { hasRedisServer, startServer, stopServer, whatIsMissing } from './redis-server.mjs';

export default async function setup({ testPathPatterns }) {
  if (!areAskedFor(['spec/redis', 'examples'], testPathPatterns?.patterns ?? [])) return;
  const reason = whatIsMissing();
  if (reason !== undefined) {
    if (process.env.CI === 'true') throw new Error(reason);
    console.error(`\nThe tests on Redis are left out: ${reason}`);
    return;
  }
  const server = await startServer();
  globalThis.watermillRedis = server;
  process.env.WATERMILL_TEST_REDIS = server.url;
  if (hasRedisServer()) process.env.WATERMILL_TEST_OWN_REDIS = 'true';
  else console.error('\nThe tests that stop a Redis server are left out: they need redis-server.');
}

export async function teardown() {
  if (globalThis.watermillRedis !== undefined) await stopServer(globalThis.watermillRedis);
}
