import { longestNumber, longestString, putNumber, putString } from '../messages/index.js';
import type { Key } from './key.js';

/** The maximum size of a key that is written by `putKey`, in bytes. */
export const mostKeyBytes: number = Math.max(longestNumber, longestString + 2);

/**
 * Writes the JSON text of `keyToJson` directly into bytes, for numbers and short strings. Returns its end, or -1 for
 * other keys.
 */
export function putKey(bytes: Uint8Array, at: number, key: Key): number {
  if (typeof key === 'string') return putString(bytes, at, key);
  // JSON does not have a negative zero.
  if (typeof key === 'number') return putNumber(bytes, at, key === 0 ? 0 : key);
  return -1;
}
