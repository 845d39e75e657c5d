import { safely } from '../../../base/shown-value.js';
import type { MessageOrigin } from '../../../brokers/batch.js';
import { rawText } from '../../../brokers/dead-letter.js';
import { letterJson } from './letter-json.js';

/** Bytes and text are returned unchanged, other values as JSON. */
export function rawOf(value: unknown): Uint8Array | string {
  const isRaw = typeof value === 'string' || safely(() => value instanceof Uint8Array) === true;
  return isRaw ? (value as string | Uint8Array) : letterJson(value);
}

/**
 * The messages of a call as the broker received them; several as a list. If the broker does not have all of them, the
 * elements as JSON.
 */
export function callRaw(
  elements: readonly object[],
  origins: readonly MessageOrigin[],
  isBytes: boolean,
): Uint8Array | string {
  const raws = origins.map(({ raw }) => raw).filter((raw) => raw !== undefined);
  const [first, ...others] = raws;
  if (first === undefined || raws.length !== elements.length)
    return rawOf(elements.length === 1 ? elements[0] : elements);
  if (others.length === 0) return first;
  const texts = raws.map(rawText);
  // A stream of bytes contains JSON only by chance.
  return `[${(isBytes ? texts.map((text) => JSON.stringify(text)) : texts).join(',')}]`;
}
