import { isDate } from '../base/date.js';
import type { Key } from '../expressions/key.js';

/**
 * Keys as bytes whose order is that of the keys, where these can be compared: the same type, and of tuples the same types in the
 * same places. Equal keys have the same bytes, and no others have.
 */
export function keyBytes(prefix: number, key: Key): Uint8Array {
  if (typeof key === 'string') return stringKey(prefix, key);
  const bytes = [prefix];
  for (const part of Array.isArray(key) ? key : [key]) addPart(bytes, part);
  return Uint8Array.from(bytes);
}

/** Bytes that are above those of every key with this prefix. */
export function aboveAll(prefix: number): Uint8Array {
  return Uint8Array.of(prefix + 1);
}

/** The bytes right above these. */
export function keyAfter(key: Uint8Array): Uint8Array {
  const next = new Uint8Array(key.length + 1);
  next.set(key);
  return next;
}

/** Most keys are texts of ASCII: one byte each, and nothing to end them. */
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
  // Below every unit, so that a text is below those that begin with it.
  else addUnits(bytes, part as string).push(0, 0);
}

/** A code unit each, as UTF-8 would write it by itself: so the order is that of code units. 0 is two bytes, and ends nothing. */
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

/** The sign's bit turned round; of negative numbers all bits. */
function addNumber(bytes: number[], value: number): void {
  // 0 and -0 are one key.
  double.setFloat64(0, value === 0 ? 0 : value);
  const turn = value < 0 ? 0xff : 0;
  for (let i = 0; i < 8; i++) bytes.push(double.getUint8(i) ^ (i === 0 && turn === 0 ? 0x80 : turn));
}

/** Sign, number of bytes, bytes; of negative ones turned round. */
function addBigint(bytes: number[], value: bigint): void {
  const turn = value < 0n ? 0xff : 0;
  const digits = (value < 0n ? -value : value).toString(16);
  const hex = digits.length % 2 === 0 ? digits : `0${digits}`;
  const length = hex.length / 2;
  bytes.push(turn === 0 ? 1 : 0);
  for (const shift of [24, 16, 8, 0]) bytes.push(((length >>> shift) & 0xff) ^ turn);
  for (let i = 0; i < hex.length; i += 2) bytes.push(Number.parseInt(hex.slice(i, i + 2), 16) ^ turn);
}
