import type { Init } from './init.js';
import type { StandardSchemaV1 } from './standard-schema.js';

/** Makes an element, or what an element is made from, of a parsed value (of the bytes, with `raw: true`). */
export type Deserializer<T> = ((raw: any) => T | Init<T>) | StandardSchemaV1<any, Init<T>>;

/** Makes the JSON value of an element; bytes (a Uint8Array), where the broker's messages are bytes, such as Kafka's. */
export type Serializer<T> = (element: T) => unknown;

/** How the values of one stream become elements and back, where the class's own decorators do not say it. */
export interface StreamCodec<T> {
  deserializer?: Deserializer<T>;
  serializer?: Serializer<T>;
  /** The deserializer takes the bytes as they came (a Uint8Array), not the parsed JSON. Default: false. */
  raw?: boolean;
}

/** Whether a codec gave a promise, which none may. It never throws. */
export function isPromise(value: unknown): boolean {
  try {
    return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
  } catch {
    return false;
  }
}
