import type { KafkaConfig } from 'kafkajs';
import type { Logger } from '../../../base/logger.js';
import { realTime } from '../../../base/real-time.js';
import { pauseBefore } from '../../retry.js';
import { KafkaClientError } from '../client.js';
import { type BootstrapAddress, clientAddress } from '../options/bootstrap-address.js';
import type { KafkaSettings } from '../options/kafka-options.js';
import { translated } from './failures.js';
import { kafkajs } from './package.js';
import { KafkajsSockets } from './sockets.js';

/** How long an address may take before the next one is tried as well. Milliseconds. */
const headStartMs = 1_000;
/**
 * How long an address that accepts the connection may take for its first answer, unless the timeout of requests is
 * shorter. Milliseconds.
 */
const mostPatienceMs = 10_000;

/**
 * Tries all addresses in turn, and resolves to the one that answered. kafkajs would try only the first one, and could
 * not be stopped in the meantime. Logs one line per attempt, and rejects with an AbortError if the signal is aborted.
 */
export async function firstContact(
  settings: KafkaSettings,
  logger: Logger,
  signal: AbortSignal,
): Promise<BootstrapAddress> {
  const { addresses, retry } = settings;
  for (let attempt = 1; ; attempt++) {
    const found = await firstToAnswer(settings, signal);
    signal.throwIfAborted();
    if (!(found instanceof KafkaClientError)) return found;
    const mayPass = found.kind === 'given up' || found.kind === 'interrupted';
    if (!mayPass || attempt > retry.retries) throw found;
    const pauseMs = pauseBefore(attempt, retry);
    const fields = { attempt, attempts: retry.retries + 1, pauseMs, err: found.message };
    const places = addresses.map(({ text }) => text).join(', ');
    logger.warn(fields, `No broker answers at ${places}: ${found.message}. Trying again in ${pauseMs} ms`);
    await realTime.sleep(pauseMs, undefined, { signal });
  }
}

/** The first address that answers, or the reasons why none does. */
async function firstToAnswer(
  { addresses, client }: KafkaSettings,
  signal: AbortSignal,
): Promise<BootstrapAddress | KafkaClientError> {
  const over = new AbortController();
  const end = (): void => over.abort();
  signal.addEventListener('abort', end, { once: true });
  const failures: KafkaClientError[] = [];
  const attempts: Promise<BootstrapAddress | undefined>[] = [];
  try {
    for (const [i, address] of addresses.entries()) {
      const attempt = failureAt(address, client, over.signal).then((failure) => {
        if (failure === undefined) return address;
        failures[i] = failure;
        return undefined;
      });
      attempts.push(attempt);
      // If this one fails immediately, the next one need not wait.
      const headStart = realTime.sleep(headStartMs, undefined, { signal: over.signal }).catch(() => undefined);
      const found = await Promise.race([firstFound(attempts), attempt, headStart]);
      if (found !== undefined) return found;
      signal.throwIfAborted();
    }
    return (await firstFound(attempts)) ?? together(addresses, failures);
  } finally {
    signal.removeEventListener('abort', end);
    end();
  }
}

/** Undefined if all have failed. */
async function firstFound(attempts: readonly Promise<BootstrapAddress | undefined>[]) {
  const found = attempts.map((attempt) => attempt.then((address) => address ?? Promise.reject(new Error('no answer'))));
  return Promise.any(found).catch(() => undefined);
}

/**
 * Combines the failures of several addresses, each named by its address. A failure that a retry cannot fix determines
 * the kind.
 */
function together(addresses: readonly BootstrapAddress[], failures: readonly KafkaClientError[]): KafkaClientError {
  if (failures.length === 1) return failures[0] as KafkaClientError;
  const isLasting = ({ kind }: KafkaClientError) => kind !== 'given up' && kind !== 'interrupted';
  const first = (failures.find(isLasting) ?? failures[0]) as KafkaClientError;
  const said = failures.map(({ message }, i) => `${addresses[i]?.text}: ${message}`).join('; ');
  return new KafkaClientError(first.kind, new Error(said, { cause: first.cause }));
}

/** Why connecting to a broker failed; undefined if it succeeded. */
async function failureAt(
  address: BootstrapAddress,
  client: KafkaSettings['client'],
  signal: AbortSignal,
): Promise<KafkaClientError | undefined> {
  const config = client as unknown as KafkaConfig;
  const sockets = new KafkajsSockets(config.socketFactory);
  const admin = new kafkajs.Kafka({
    ...config,
    brokers: [clientAddress(address)],
    retry: { ...config.retry, retries: 0 },
    requestTimeout: Math.min(config.requestTimeout ?? mostPatienceMs, mostPatienceMs),
    logLevel: kafkajs.logLevel.NOTHING,
    socketFactory: sockets.factory,
  }).admin();
  const abandon = (): void => sockets.closeAll(new Error('given up'));
  signal.addEventListener('abort', abandon, { once: true });
  try {
    await admin.connect();
    return undefined;
  } catch (error) {
    return translated(error);
  } finally {
    signal.removeEventListener('abort', abandon);
    await admin.disconnect();
  }
}
