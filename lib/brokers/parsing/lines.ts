import { UnreadableMessage } from '../batch.js';
import { headOf } from './bad-element.js';
import { isSpace } from './strict-json.js';
import type { ValueOrigins } from './text-batch.js';

export const lineFeed = 0x0a;

/**
 * Calls back for every line that is not blank, with the range of its text without surrounding white space. Returns the
 * number of line ends.
 */
export function eachLine(
  bytes: Uint8Array,
  from: number,
  to: number,
  take: (begin: number, end: number, line: number, lineBegin: number, lineEnd: number) => void,
): number {
  for (let lineBegin = from, line = 0; ; line++) {
    const found = bytes.subarray(lineBegin, to).indexOf(lineFeed);
    const lineEnd = found < 0 ? to : lineBegin + found;
    let begin = lineBegin;
    while (begin < lineEnd && isSpace(bytes[begin]!)) begin++;
    const end = endOfSolid(bytes, begin, lineEnd);
    if (begin < end) take(begin, end, line, lineBegin, lineEnd);
    if (found < 0) return line;
    lineBegin = lineEnd + 1;
  }
}

/** The end of the last character that is not white space. */
export function endOfSolid(bytes: Uint8Array, from: number, to: number): number {
  let end = to;
  while (end > from && isSpace(bytes[end - 1]!)) end--;
  return end;
}

/** The places of the elements in lines of text, with their bytes. */
export function originsOfLines(text: Uint8Array, line: number, byte: number, maxElementBytes: number): ValueOrigins {
  const origins: { raw: Uint8Array; line: number; byte: number }[] = [];
  eachLine(text, 0, text.length, (begin, end, nth) => {
    const raw = end - begin > maxElementBytes ? headOf(text, begin, end) : text.subarray(begin, end);
    origins.push({ raw, line: line + nth + 1, byte: byte + begin });
  });
  return origins;
}

/** Bytes that were requested are the raw message. */
export function originOfBytes(value: unknown): { raw: Uint8Array } {
  return { raw: value instanceof UnreadableMessage ? (value.raw as Uint8Array) : (value as Uint8Array) };
}
