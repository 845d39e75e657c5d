import { isAscii, isUtf8 } from 'node:buffer';

/** The text of UTF-8 bytes, or undefined if they are not UTF-8. Most data is ASCII, which is several times faster. */
export function decodeUtf8(bytes: Buffer, from: number, to: number): string | undefined {
  const part = bytes.subarray(from, to);
  if (isAscii(part)) return part.toString('latin1');
  return isUtf8(part) ? part.toString('utf8') : undefined;
}

/** The offset of the first byte that does not start a UTF-8 character, or undefined. */
export function findBadUtf8(bytes: Uint8Array, from: number, to: number): number | undefined {
  if (isUtf8(bytes.subarray(from, to))) return undefined;
  for (let at = from; at < to; ) {
    if (bytes[at]! < 0x80) {
      at++;
      continue;
    }
    const length = sequenceLength(bytes[at]!);
    if (at + length > to || !isUtf8(bytes.subarray(at, at + length))) return at;
    at += length;
  }
  return undefined;
}

/** The length of a character that is not ASCII, from its first byte. */
function sequenceLength(lead: number): number {
  return lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}
