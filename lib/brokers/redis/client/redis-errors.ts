import { asSentence, thrownSentence } from '../../../base/thrown.js';
import { WaterMillError } from '../../../base/watermill-error.js';
import { RedisClientError } from './redis-client.js';

/** Converts a failure of the client; errors of WaterMill are unchanged. */
export function redisFailed(cause: unknown, what: string, address: string): Error {
  if (!(cause instanceof RedisClientError)) return cause as Error;
  const why = asSentence(cause.message);
  const advice =
    cause.kind === 'given up'
      ? `It was retried as the option retry says. ${remedyFor(cause)}, and run the mill again: it continues from the last commit.`
      : `${remedyFor(cause)}.`;
  return new WaterMillError(
    'WM_REDIS_FAILED',
    `Redis at ${address} failed while ${what}: ${why} ${advice}`,
    { address },
    { cause },
  );
}

function remedyFor({ kind, code }: RedisClientError): string {
  if (code === 'READONLY') return 'Connect to the primary, not to a replica';
  if (code === 'OOM') return 'Raise maxmemory of the server, or delete what is no longer needed';
  // The code of a missing permission within a script is only ERR.
  if (kind === 'refused') return 'Check what the server says, and the permissions of this user';
  return code === undefined ? 'Check that the server is running and reachable' : 'Check what the server says';
}

function connectionAdvice(cause: unknown): string {
  const { kind, message } = cause instanceof RedisClientError ? cause : {};
  if (kind === 'refused') return 'Check user name, password and database in the options url or client.';
  // The client library drops what a server says before it closes a new connection.
  if (message?.startsWith('Socket closed unexpectedly'))
    return 'A server closes new connections if it has as many as maxclients allows, and in protected mode, without a password, those from other hosts: raise maxclients, or set a password.';
  return 'Check the options url or client, and that the server is running and reachable.';
}

export function notConnected(cause: unknown, address: string): WaterMillError {
  return new WaterMillError(
    'WM_REDIS_FAILED',
    `No connection to Redis at ${address}: ${thrownSentence(cause)} ${connectionAdvice(cause)}`,
    { address },
    { cause },
  );
}

/** The types of the keys that a mill uses. */
export type KeyType = 'stream' | 'list' | 'hash';

export function wrongType(key: string, expected: KeyType, found: string): WaterMillError {
  const advice = key.startsWith('watermill:')
    ? 'Progress, tables and taken elements of a group are kept under such keys: delete the key, or give the broker another group.'
    : 'Use another key, or the function for its type: redisStream, redisGroup or redisList.';
  return new WaterMillError('WM_REDIS_TYPE', `The key ${key} holds a ${found}, expected a ${expected}. ${advice}`, {
    stream: key,
    expected: `a ${expected}`,
    found: `a ${found}`,
  });
}

export interface LostEntries {
  readonly key: string;
  /** The last entry that was read, or the next one to read. */
  readonly id: string;
  readonly isInclusive: boolean;
  /** The first entry that is left. */
  readonly first: string | undefined;
  readonly position: number;
  /** The number of missing entries, if known. */
  readonly count: number | undefined;
}

export function entriesLost({ key, id, isInclusive, first, position, count }: LostEntries): WaterMillError {
  const from = isInclusive ? `from ${id}` : `after ${id}`;
  const to = first === undefined ? 'to the last one' : `to before ${first}`;
  const which = count === undefined ? 'The entries' : `${count} ${count === 1 ? 'entry' : 'entries'}`;
  return new WaterMillError(
    'WM_POSITION_LOST',
    `${which} ${from} ${to} of ${key} ${count === 1 ? 'is' : 'are'} gone: the stream was trimmed before reading got there. ` +
      "Keep more entries (the producer's MAXLEN or MINID), or continue with what is left (onLost: 'earliest'), or start over with another group.",
    { stream: key, position, id, first, count, expected: `the entries ${from}`, found: first ?? 'no entries' },
  );
}

export function streamRecreated(key: string, id: string, found: string, position: number): WaterMillError {
  return new WaterMillError(
    'WM_POSITION_LOST',
    `The stream ${key} was read up to ${id}, but now ${found}: it was deleted, or created again, or the server lost data. ` +
      "Restore it, or read what is there from its beginning (onLost: 'earliest'), or start over with another group.",
    { stream: key, position, id, expected: `entries up to ${id}`, found },
  );
}

export function groupGone(group: string, key: string): WaterMillError {
  return new WaterMillError(
    'WM_POSITION_LOST',
    `The consumer group ${group} of ${key} is gone: it was destroyed, or the stream was deleted, while it was read. ` +
      `Run the mill again to process the entries of ${key} from its beginning; to continue elsewhere, first create the group after an id: XGROUP CREATE ${key} ${group} ID MKSTREAM.`,
    { stream: key, group, expected: `the group ${group}`, found: 'none' },
  );
}

export interface OtherSource {
  readonly group: string;
  readonly lane: string;
  /** The class, the key that is read for it now, and the previous key. */
  readonly name: string;
  readonly key: string;
  readonly before: string;
  /** The command that makes the group forget the previous key. */
  readonly undo: string;
}

export function otherSource({ group, lane, name, key, before, undo }: OtherSource): WaterMillError {
  return new WaterMillError(
    'WM_POSITION_LOST',
    `The group ${group} has read ${name} from ${before}, and this mill reads ${key} (lane ${lane}): its position in one says nothing about the other. ` +
      `Use another group for another key. If ${before} was only renamed: ${undo}.`,
    { stream: key, group, lane, expected: before, found: key },
  );
}

/** The error for a class whose lists have changed, while elements taken from a list that is left out are not done. */
export function stillTaken(
  group: string,
  name: string,
  before: readonly string[],
  keys: readonly string[],
): WaterMillError {
  const [expected, found] = [before.join(', '), keys.join(', ')];
  return new WaterMillError(
    'WM_POSITION_LOST',
    `The group ${group} has taken elements of ${name} from ${expected} that are not processed yet, and this mill reads ${found}. ` +
      'Read the previous lists, too, until the group is done with them; or use another group.',
    { stream: found, group, expected, found },
  );
}

export function laneTaken(group: string, lane: string): WaterMillError {
  return new WaterMillError(
    'WM_LANE_TAKEN',
    `Another process has taken over lane ${lane} of the group ${group}: this one's results since the last commit were not written. ` +
      'It continues there; to have both do all of the work, give each process its own group.',
    { group, lane },
  );
}

export function notChosenByKey(message: string, keys: readonly string[]): WaterMillError {
  return new WaterMillError(
    'WM_BROKER_OPTIONS',
    `RedisMessageBroker: a flow goes through ${message}, so elements of one key must be in one stream, and ${message} has ${keys.length} streams, one for each lane: ${keys.join(', ')}. ` +
      `Give ${message} a single one, which all lanes write to.`,
    { message, expected: 'one stream', found: String(keys.length) },
  );
}

export function keyCountsDiffer(counts: ReadonlyMap<string, number>): WaterMillError {
  const found = [...counts].map(([label, count]) => `${label} ${count}`).join('; ');
  return new WaterMillError(
    'WM_PARTITION_COUNTS',
    `The places have different numbers of keys: ${found}. Each key of a stream is a lane, and a lane reads the same one of every input. ` +
      'Give every input of the mill equally many keys; a result has as many, or a single one.',
    { expected: 'equally many keys', found },
  );
}
