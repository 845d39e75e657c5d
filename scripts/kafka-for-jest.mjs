// Jest's global setup: a Kafka broker for the specs that need one, started once, and only if such specs run.
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { hasJava, startBroker, stopBroker, whatIsMissing } from './kafka-broker.mjs';
import { root } from './run.mjs';

export default async function setup({ testPathPatterns }) {
  if (!isNeeded(testPathPatterns?.patterns ?? [])) return;
  const reason = process.env.WATERMILL_KAFKA === 'off' ? 'WATERMILL_KAFKA=off' : whatIsMissing();
  if (reason === undefined) {
    const broker = await startBroker();
    globalThis.watermillKafka = broker;
    process.env.WATERMILL_TEST_KAFKA = broker.address;
    if (hasJava()) process.env.WATERMILL_TEST_OWN_KAFKA = 'true';
    else console.error('\nThe tests that kill a broker are left out: they need Java 17 and Maven.');
    // Teardown is not called when the run is broken off.
    for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void stopAndExit(broker));
    return;
  }
  if (process.env.CI === 'true' && process.env.WATERMILL_KAFKA !== 'off') throw new Error(reason);
  console.error(`\nThe tests on Kafka are left out: ${reason}`);
}

async function stopAndExit(broker) {
  await stopBroker(broker);
  process.exit(130);
}

/** Jest tells which paths were asked for; without any, all specs run. */
function isNeeded(patterns) {
  if (patterns.length === 0) return true;
  const specs = ['spec/kafka', 'examples/kafka-service'].flatMap(specsBelow);
  return patterns.some((pattern) => specs.some((spec) => new RegExp(pattern, 'i').test(spec)));
}

function specsBelow(folder) {
  try {
    const names = readdirSync(path.join(root, folder), { recursive: true });
    return names.filter((name) => name.endsWith('.spec.ts')).map((name) => path.join(root, folder, name));
  } catch (error) {
    if (error.code === 'ENOENT') return [];
    throw error;
  }
}
