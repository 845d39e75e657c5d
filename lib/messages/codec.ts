import type { Init } from './init.js';
import type { StandardSchemaV1 } from './standard-schema.js';

/** Makes an element, or its fields, from a parsed value (from the bytes with `raw: true`). */
export type Deserializer<T> = ((raw: any) => T | Init<T>) | StandardSchemaV1<any, Init<T>>;

/** Makes the JSON value of an element; bytes (a Uint8Array) if the broker's messages are bytes, as with Kafka. */
export type Serializer<T> = (element: T) => unknown;

/** How the values of one stream are converted to elements and back, if not by the class's own decorators. */
export interface StreamCodec<T> {
  deserializer?: Deserializer<T>;
  serializer?: Serializer<T>;
  /** The deserializer gets the bytes (a Uint8Array), not the parsed JSON. Default: false. */
  raw?: boolean;
}

/** Returns whether a codec returned a promise, which is not allowed. Never throws. */
export function isPromise(value: unknown): boolean {
  try {
    return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
  } catch {
    return false;
  }
}
