import { isDate, RealDate } from '../base/date.js';
import type { Json } from '../base/json.js';
import type { Key, Scalar } from './key.js';

/**
 * Writes a key, or a bound, as JSON, so that `keyFromJson` returns an equal one. It is part of every commit: a change
 * requires a new version in `resume/commit-text.ts`.
 */
export function keyToJson(key: Key | undefined): Json {
  if (key === undefined) return null;
  if (typeof key === 'bigint') return { bigint: String(key) };
  if (isDate(key)) return { date: key.getTime() };
  if (Array.isArray(key)) return key.map(keyToJson);
  if (key === Number.POSITIVE_INFINITY) return { bound: 1 };
  if (key === Number.NEGATIVE_INFINITY) return { bound: -1 };
  return key as Json;
}

export function keyFromJson(json: Json): Key | undefined {
  if (json === null) return undefined;
  if (Array.isArray(json)) return json.map(keyFromJson) as Scalar[];
  if (typeof json !== 'object') return json;
  const coded = json as { bigint?: string; date?: number; bound?: number };
  if (coded.bigint !== undefined) return BigInt(coded.bigint);
  if (coded.date !== undefined) return new RealDate(coded.date);
  return coded.bound === 1 ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
}
