import { randomUUID } from 'node:crypto';

/** Where the server of the tests is; undefined where there is none, which the global setup has said in one line. */
export const redisUrl: string | undefined = process.env.WATERMILL_TEST_REDIS;

/** Tests on a real server; skipped, visibly, where there is none. */
export const describeOnRedis: jest.Describe = (redisUrl === undefined ? describe.skip : describe) as jest.Describe;

/** Tests that do harm to a server: each has one of its own. */
export const describeOnOwnRedis: jest.Describe = (
  process.env.WATERMILL_TEST_OWN_REDIS === 'true' ? describe : describe.skip
) as jest.Describe;

/** A name that no other test and no other run has. */
export function uniqueName(what: string): string {
  return `${what}-${randomUUID().slice(0, 8)}`;
}
