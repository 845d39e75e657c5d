import type { NumberRows } from '../../messages/index.js';
import type { NumberReader } from './number-reader.js';
import { StrictJson } from './strict-json.js';
import type { ValueOrigins } from './text-batch.js';
import { decodeUtf8 } from './utf8.js';

const openBracket = 0x5b;
const closeBracket = 0x5d;
const comma = 0x2c;

/** Elements of an array, and their places. */
export interface ArrayPart {
  readonly values: readonly unknown[];
  origins(): ValueOrigins;
}

/**
 * Parses the elements between two separators; undefined if they are not JSON in UTF-8. `byte`: the offset of the first
 * separator.
 */
export function parseBetween(bytes: Buffer, start: number, cut: number, byte: number): ArrayPart | undefined {
  const before = bytes[start]!;
  const behind = bytes[cut]!;
  bytes[start] = openBracket;
  bytes[cut] = closeBracket;
  try {
    const text = decodeUtf8(bytes, start, cut + 1);
    if (text === undefined) return undefined;
    const values = JSON.parse(text) as unknown[];
    return { values, origins: () => originsOf(Buffer.from(text).subarray(1, -1), byte + 1) ?? [] };
  } catch {
    return undefined;
  } finally {
    bytes[start] = before;
    bytes[cut] = behind;
  }
}

/** Like `parseBetween`, as rows of numbers; undefined if the elements are anything else. */
export function rowsBetween(
  bytes: Buffer,
  start: number,
  cut: number,
  byte: number,
  reader: NumberReader,
): { values: NumberRows; origins(): ValueOrigins } | undefined {
  const values = reader.read(bytes, start + 1, cut);
  if (values === undefined) return undefined;
  const text = new Uint8Array(bytes.subarray(start + 1, cut));
  return { values, origins: () => originsOf(text, byte + 1) ?? [] };
}

/** The bytes of each element between two separators; undefined if they are not JSON. */
export function rawBetween(bytes: Buffer, start: number, cut: number, byte: number): ArrayPart | undefined {
  const origins = originsOf(new Uint8Array(bytes.subarray(start + 1, cut)), byte + 1);
  return origins && { values: origins.map(({ raw }) => raw), origins: () => origins };
}

/** The elements of a text, without the white space around them; undefined if they are not JSON. */
function originsOf(text: Uint8Array, byte: number): ValueOrigins | undefined {
  const json = new StrictJson(text, 0, text.length, 'the end');
  const origins: { raw: Uint8Array; byte: number }[] = [];
  json.skipSpace();
  while (json.at < text.length) {
    const from = json.at;
    if (!json.value()) return undefined;
    origins.push({ raw: text.subarray(from, json.at), byte: byte + from });
    json.skipSpace();
    if (json.at === text.length) break;
    if (text[json.at++] !== comma) return undefined;
    json.skipSpace();
    if (json.at === text.length) return undefined;
  }
  return origins;
}
