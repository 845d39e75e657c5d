import { isDate } from '../../../base/date.js';

/**
 * The key of a record: bytes, text, or a value converted to text (a Date to ISO 8601, an array or object to JSON). Null
 * if there is none; undefined if the value cannot be a key.
 */
export function recordKey(value: unknown): string | Buffer | null | undefined {
  switch (typeof value) {
    case 'string':
      return value;
    case 'undefined':
      return null;
    case 'number':
      return Number.isFinite(value) ? String(value) : undefined;
    case 'bigint':
    case 'boolean':
      return String(value);
    case 'object':
      return value === null ? null : keyOfObject(value);
    default:
      return undefined;
  }
}

function keyOfObject(value: object): string | Buffer | undefined {
  // A copy: the caller may change the bytes.
  if (ArrayBuffer.isView(value)) return Buffer.from(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
  if (Object.prototype.toString.call(value) === '[object ArrayBuffer]') {
    return Buffer.from(new Uint8Array(value as ArrayBuffer));
  }
  if (isDate(value)) return Number.isNaN(value.getTime()) ? undefined : value.toISOString();
  try {
    return JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? String(part) : part));
  } catch {
    return undefined;
  }
}
