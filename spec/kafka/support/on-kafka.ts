import { randomUUID } from 'node:crypto';

/** The address of the broker of the tests; undefined if there is none, which the global setup has reported. */
export const kafkaAddress: string | undefined = process.env.WATERMILL_TEST_KAFKA;

/** Tests on a real broker; skipped, visibly, if there is none. */
export const describeOnKafka: jest.Describe = (kafkaAddress === undefined ? describe.skip : describe) as jest.Describe;

/** Tests that damage a broker: each has a separate one, which needs Java. */
export const describeOnOwnKafka: jest.Describe = (
  process.env.WATERMILL_TEST_OWN_KAFKA === 'true' ? describe : describe.skip
) as jest.Describe;

/** Returns a name that is unique among all tests and runs. */
export function uniqueName(what: string): string {
  return `${what}-${randomUUID().slice(0, 8)}`;
}

/** Short timeouts, so that a killed member is detected soon. */
export const quick = { sessionTimeoutMs: 6_000, heartbeatIntervalMs: 300, maxWaitMs: 20 } as const;
