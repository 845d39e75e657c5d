import { randomUUID } from 'node:crypto';

/** Where the broker of the tests is; undefined where there is none, which the global setup has said in one line. */
export const kafkaAddress: string | undefined = process.env.WATERMILL_TEST_KAFKA;

/** Tests on a real broker; skipped, visibly, where there is none. */
export const describeOnKafka: jest.Describe = (kafkaAddress === undefined ? describe.skip : describe) as jest.Describe;

/** Tests that do harm to a broker: each has one of its own, for which Java is needed. */
export const describeOnOwnKafka: jest.Describe = (
  process.env.WATERMILL_TEST_OWN_KAFKA === 'true' ? describe : describe.skip
) as jest.Describe;

/** A name that no other test and no other run has. */
export function uniqueName(what: string): string {
  return `${what}-${randomUUID().slice(0, 8)}`;
}

/** Short times, so that a member that was killed is missed soon. */
export const quick = { sessionTimeoutMs: 6_000, heartbeatIntervalMs: 300, maxWaitMs: 20 } as const;
