import type { RedisArgument, RedisCommand } from '../client/redis-client.js';

const field = 'watermill';
const meaning = 'end-of-stream';

/** The element that ends a list, readable for programs and people. */
export const endElement = `{"${field}":"${meaning}"}`;

/** The command that appends the entry which ends a stream. */
export function endEntry(key: string): RedisCommand {
  return ['XADD', key, '*', field, meaning];
}

/** KEYS: the stream. Appends an end mark unless its last entry is one. */
const endStreamOnce = `local last = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)
local fields = last[1] and last[1][2] or {}
for i = 1, #fields, 2 do
  if fields[i] == '${field}' and fields[i + 1] == '${meaning}' then return 0 end
end
redis.call('XADD', KEYS[1], '*', '${field}', '${meaning}')
return 1`;

/** KEYS: the list. ARGV: the index of its last element, the command that adds one, and the mark. */
const endListOnce = `if redis.call('LINDEX', KEYS[1], ARGV[1]) == ARGV[3] then return 0 end
redis.call(ARGV[2], KEYS[1], ARGV[3])
return 1`;

/** Ends a stream, unless it has ended. */
export function endEntryOnce(key: string): RedisCommand {
  return ['EVAL', endStreamOnce, '1', key];
}

/** Ends a list at one end, unless it has ended there. */
export function endElementOnce(key: string, end: 'head' | 'tail'): RedisCommand {
  const [at, push] = end === 'tail' ? ['-1', 'RPUSH'] : ['0', 'LPUSH'];
  return ['EVAL', endListOnce, '1', key, at as string, push as string, endElement];
}

/** Returns whether the fields of an entry, names and values in turn, are the end mark. */
export function isEndMark(fields: readonly RedisArgument[]): boolean {
  for (let i = 0; i < fields.length; i += 2) {
    if (String(fields[i]) === field && String(fields[i + 1]) === meaning) return true;
  }
  return false;
}
