import { isDate } from '../../../base/date.js';

/**
 * The key of a record: bytes, text, or a value converted to text (a Date to ISO 8601, an array or object to JSON). Null
 * if there is none; undefined if the value, or a part of it, cannot be a key.
 */
export function recordKey(value: unknown): string | Buffer | null | undefined {
  switch (typeof value) {
    case 'string':
      // UTF-8 has no lone surrogates: unequal keys would be the same bytes.
      return value.isWellFormed() ? value : undefined;
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
    return JSON.stringify(value, writtenPart);
  } catch {
    return undefined;
  }
}

/** Throws for a part that JSON would write as null or {}: unequal keys would be equal. */
function writtenPart(this: any, name: string, part: unknown): unknown {
  if (typeof part === 'bigint') return String(part);
  const isGap = part === undefined && Array.isArray(this);
  const isLost = typeof part === 'object' ? isWrittenEmpty(part) : typeof part === 'number' && !Number.isFinite(part);
  const given: unknown = this[name];
  if (isLost || isGap || typeof part === 'function' || typeof part === 'symbol' || (part === null && given !== null)) {
    throw new TypeError('not written as JSON');
  }
  return part;
}

/** Returns whether an object is not a plain one, and has nothing that JSON writes: a Map, a Set, a promise. */
function isWrittenEmpty(part: object | null): boolean {
  if (part === null || Array.isArray(part) || Object.keys(part).length > 0) return false;
  const prototype: unknown = Object.getPrototypeOf(part);
  return prototype !== null && Object.getPrototypeOf(prototype) !== null;
}
