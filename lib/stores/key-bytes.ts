import { isDate } from '../base/date.js';
import type { Key } from '../expressions/key.js';

/**
 * Encodes keys as bytes in the same order, for comparable keys: of the same type and, for tuples, with the same types
 * in the same places. Two keys have the same bytes only if they are equal.
 */
export function keyBytes(prefix: number, key: Key): Uint8Array {
  if (typeof key === 'string') return stringKey(prefix, key);
  const bytes = [prefix];
  for (const part of Array.isArray(key) ? key : [key]) addPart(bytes, part);
  return Uint8Array.from(bytes);
}

/** Bytes above those of every key with this prefix. */
export function aboveAll(prefix: number): Uint8Array {
  return Uint8Array.of(prefix + 1);
}

/** The bytes immediately above these. */
export function keyAfter(key: Uint8Array): Uint8Array {
  const next = new Uint8Array(key.length + 1);
  next.set(key);
  return next;
}

/** Most keys are ASCII strings: one byte per character, without a terminator. */
function stringKey(prefix: number, key: string): Uint8Array {
  const { length } = key;
  const bytes = new Uint8Array(length + 1);
  bytes[0] = prefix;
  for (let i = 0; i < length; i++) {
    const unit = key.charCodeAt(i);
    if (unit === 0 || unit > 0x7f) return Uint8Array.from(addUnits([prefix], key));
    bytes[i + 1] = unit;
  }
  return bytes;
}

function addPart(bytes: number[], part: unknown): void {
  if (typeof part === 'number') addNumber(bytes, part);
  else if (typeof part === 'bigint') addBigint(bytes, part);
  else if (typeof part === 'boolean') bytes.push(part ? 1 : 0);
  else if (isDate(part)) addNumber(bytes, part.getTime());
  // The terminator is below every code unit, so that a text is below the texts that it is a prefix of.
  else addUnits(bytes, part as string).push(0, 0);
}

/**
 * Each code unit on its own in UTF-8, so that the order is that of code units. The code unit 0 is two bytes, to
 * distinguish it from the terminator.
 */
function addUnits(bytes: number[], text: string): number[] {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit === 0) bytes.push(0, 0xff);
    else if (unit < 0x80) bytes.push(unit);
    else if (unit < 0x800) bytes.push(0xc0 | (unit >> 6), 0x80 | (unit & 0x3f));
    else bytes.push(0xe0 | (unit >> 12), 0x80 | ((unit >> 6) & 0x3f), 0x80 | (unit & 0x3f));
  }
  return bytes;
}

const double = new DataView(new ArrayBuffer(8));

/** Positive numbers with the sign bit inverted, negative ones with all bits inverted. */
function addNumber(bytes: number[], value: number): void {
  // 0 and -0 are the same key.
  double.setFloat64(0, value === 0 ? 0 : value);
  const turn = value < 0 ? 0xff : 0;
  for (let i = 0; i < 8; i++) bytes.push(double.getUint8(i) ^ (i === 0 && turn === 0 ? 0x80 : turn));
}

/** Sign, number of bytes, bytes; for negative ones all inverted. */
function addBigint(bytes: number[], value: bigint): void {
  const turn = value < 0n ? 0xff : 0;
  const digits = (value < 0n ? -value : value).toString(16);
  const hex = digits.length % 2 === 0 ? digits : `0${digits}`;
  const length = hex.length / 2;
  bytes.push(turn === 0 ? 1 : 0);
  for (const shift of [24, 16, 8, 0]) bytes.push(((length >>> shift) & 0xff) ^ turn);
  for (let i = 0; i < hex.length; i += 2) bytes.push(Number.parseInt(hex.slice(i, i + 2), 16) ^ turn);
}
