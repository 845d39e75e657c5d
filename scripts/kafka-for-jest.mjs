// Jest's global setup: starts a Kafka broker once, if specs that need one run.
import { areAskedFor } from './asked-specs.mjs';
import { hasJava, startBroker, stopBroker, whatIsMissing } from './kafka-broker.mjs';

export default async function setup({ testPathPatterns }) {
  if (!areAskedFor(['spec/kafka', 'examples/kafka-service'], testPathPatterns?.patterns ?? [])) return;
  const reason = process.env.WATERMILL_KAFKA === 'off' ? 'WATERMILL_KAFKA=off' : whatIsMissing();
  if (reason === undefined) {
    const broker = await startBroker();
    globalThis.watermillKafka = broker;
    process.env.WATERMILL_TEST_KAFKA = broker.address;
    if (hasJava()) process.env.WATERMILL_TEST_OWN_KAFKA = 'true';
    else console.error('\nThe tests that kill a broker are left out: they need Java 17 and Maven.');
    // Teardown is not called when the run is interrupted.
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
