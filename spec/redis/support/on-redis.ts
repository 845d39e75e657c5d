import { randomUUID } from 'node:crypto';

/** The address of the server of the tests; undefined if there is none, which the global setup has reported. */
export const redisUrl: string | undefined = process.env.WATERMILL_TEST_REDIS;

/** Tests on a real server; skipped, visibly, if there is none. */
export const describeOnRedis: jest.Describe = (redisUrl === undefined ? describe.skip : describe) as jest.Describe;

/** Tests that damage a server: each has a separate one. */
export const describeOnOwnRedis: jest.Describe = (
  process.env.WATERMILL_TEST_OWN_REDIS === 'true' ? describe : describe.skip
) as jest.Describe;

/** Returns a name that is unique among all tests and runs. */
export function uniqueName(what: string): string {
  return `${what}-${randomUUID().slice(0, 8)}`;
}
