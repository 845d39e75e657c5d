import { safely } from '../../../base/shown-value.js';
import type { MessageOrigin } from '../../../brokers/batch.js';
import { rawText } from '../../../brokers/dead-letter.js';
import { letterJson } from './letter-json.js';

/** Bytes and text as they are, other values as JSON. */
export function rawOf(value: unknown): Uint8Array | string {
  const isRaw = typeof value === 'string' || safely(() => value instanceof Uint8Array) === true;
  return isRaw ? (value as string | Uint8Array) : letterJson(value);
}

/**
 * The messages of a call as they came: of several a list of them. Where the broker does not have each of them, or where
 * messages between them were not part of the call, the elements as JSON.
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
  // What a stream of bytes carries is JSON by chance only.
  return `[${(isBytes ? texts.map((text) => JSON.stringify(text)) : texts).join(',')}]`;
}
