import type { KafkaConfig } from 'kafkajs';
import type { Logger } from '../../base/logger.js';
import { realTime } from '../../base/real-time.js';
import { KafkaClientError } from './client.js';
import type { KafkaSettings } from './kafka-options.js';
import { translated } from './kafkajs-failures.js';
import { kafkajs } from './kafkajs-package.js';
import { pauseBefore } from './repeating.js';

/**
 * Resolves when a broker has answered. kafkajs could not be stopped while it tries; this says in one line each what was
 * tried, and rejects with an AbortError where the signal ends it.
 */
export async function firstContact(
  { client, brokers, retry }: KafkaSettings,
  logger: Logger,
  signal: AbortSignal,
): Promise<void> {
  const once = { ...client, retry: { retries: 0 }, logLevel: kafkajs.logLevel.NOTHING };
  for (let attempt = 1; ; attempt++) {
    const failure = await failureOf(once as unknown as KafkaConfig);
    signal.throwIfAborted();
    if (failure === undefined) return;
    const mayPass = failure.kind === 'given up' || failure.kind === 'interrupted';
    if (!mayPass || attempt > retry.retries) throw failure;
    const pauseMs = pauseBefore(attempt, retry);
    const fields = { attempt, attempts: retry.retries + 1, pauseMs, err: failure.message };
    logger.warn(
      fields,
      `No broker answers at ${brokers.join(', ')}: ${failure.message}. Trying again in ${pauseMs} ms`,
    );
    await realTime.sleep(pauseMs, undefined, { signal });
  }
}

/** Why no broker could be connected to; undefined where one could. */
async function failureOf(config: KafkaConfig): Promise<KafkaClientError | undefined> {
  const admin = new kafkajs.Kafka(config).admin();
  try {
    await admin.connect();
    return undefined;
  } catch (error) {
    return translated(error);
  } finally {
    await admin.disconnect();
  }
}
