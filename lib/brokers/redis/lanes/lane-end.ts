import type { RedisClient } from '../client/redis-client.js';
import type { SteadyClient } from '../client/steady-client.js';
import { type LaneRecord, progressKey } from '../commit/lane-record.js';
import type { RedisTarget } from '../commit/redis-writer.js';
import type { Progress } from '../reading/connection-setup.js';

/** The field of a group's progress that records that the shared outputs of all lanes have their end marks. */
export const sharedEndField = 'shared:ended';

/** Runs the commands in ARGV, each preceded by the number of its arguments, once: when all lanes have ended. */
const whenAllEnded = `local lanes = tonumber(ARGV[1])
for lane = 0, lanes - 1 do
if redis.call('HGET', KEYS[1], lane .. ':stage') ~= 'ended' then return 0 end
end
if redis.call('HSETNX', KEYS[1], '${sharedEndField}', '1') == 0 then return 0 end
local at = 2
while at <= #ARGV do
local words = tonumber(ARGV[at])
redis.call(unpack(ARGV, at + 1, at + words))
at = at + words + 1
end
return 1`;

export interface LaneEnd {
  /** The outputs that only this lane writes to. */
  readonly own: readonly RedisTarget[];
  /** The outputs that all lanes write to. */
  readonly shared: readonly RedisTarget[];
  readonly lanes: number;
}

/**
 * Ends the outputs of a lane with progress: its own together with its last stage, the shared ones when all lanes have
 * ended.
 */
export async function endWithRecord(
  end: LaneEnd,
  record: LaneRecord,
  { group, isShared }: Progress,
  client: SteadyClient,
): Promise<void> {
  const { own, shared, lanes } = end;
  if (record.stage === 'open') return;
  if (record.stage === 'over') {
    // Other consumers write to the same outputs: the first one to end them does so for all.
    if (isShared) for (const target of own) await client.run((connection) => endOnce(connection, target));
    await record.commit(isShared ? [] : own.map(({ key, form }) => form.end(key)), 'ended');
  }
  if (shared.length === 0) return;
  const commands = shared.flatMap(({ key, form }) => [String(form.end(key).length), ...form.end(key)]);
  await client.send(['EVAL', whenAllEnded, '1', progressKey(group), String(lanes), ...commands]);
}

/** The set of the lanes of another broker that have ended the outputs that all of them write to. */
function endsKey(key: string): string {
  return `watermill:ends:${key}`;
}

/** Ends the outputs of a lane without progress here: an existing mark is valid. */
export async function endWithoutRecord(
  { own, shared, lanes }: LaneEnd,
  lane: string,
  client: SteadyClient,
): Promise<void> {
  for (const target of own) await client.run((connection) => endOnce(connection, target));
  for (const target of shared) {
    await client.run(async (connection) => {
      await connection.send(['SADD', endsKey(target.key), lane]);
      if ((await connection.send(['SCARD', endsKey(target.key)])) >= lanes) await endOnce(connection, target);
    });
  }
}

/** Notes that the lane starts from its beginning, so it has not ended. */
export async function notEnded(shared: readonly RedisTarget[], lane: string, client: SteadyClient): Promise<void> {
  for (const { key } of shared) await client.send(['SREM', endsKey(key), lane]);
}

async function endOnce(client: RedisClient, { key, form }: RedisTarget): Promise<void> {
  await client.send(form.endOnce(key));
}
