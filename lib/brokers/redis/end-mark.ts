import type { RedisArgument, RedisCommand } from './client.js';

const field = 'watermill';
const meaning = 'end-of-stream';

/** The element of a list that ends it, for programs and people. */
export const endElement = `{"${field}":"${meaning}"}`;

/** The command that appends the entry which ends a stream. */
export function endEntry(key: string): RedisCommand {
  return ['XADD', key, '*', field, meaning];
}

/** Whether these fields of an entry are the end mark: names and values in turn. */
export function isEndMark(fields: readonly RedisArgument[]): boolean {
  for (let i = 0; i < fields.length; i += 2) {
    if (String(fields[i]) === field && String(fields[i + 1]) === meaning) return true;
  }
  return false;
}
