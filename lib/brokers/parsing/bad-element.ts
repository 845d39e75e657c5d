import { UnreadableMessage } from '../batch.js';
import { describeCharacter, StrictJson } from './strict-json.js';
import { pieceBytes } from './text-window.js';
import { decodeUtf8, findBadUtf8 } from './utf8.js';

/** The number of bytes that are kept of an element that is too large. */
const keptBytes = pieceBytes;

/** The place of a line, or of a part of it, as in errors: lines and columns from 1, bytes of the file from 0. */
export interface LinePlace {
  readonly line: number;
  readonly column: number;
  readonly byte: number;
}

export function placeText({ line, column, byte }: LinePlace): string {
  return `line ${line}, column ${column} (byte ${byte})`;
}

/** The error for a line that is not JSON; `place` is the place of its first byte. */
export function badLine(bytes: Buffer, from: number, to: number, place: LinePlace): UnreadableMessage {
  const { at, expected, found } = faultOf(bytes, from, to);
  const column = place.column + countCharacters(bytes, from, at);
  const where = placeText({ line: place.line, column, byte: place.byte + at - from });
  const raw = decodeUtf8(bytes, from, to) ?? new Uint8Array(bytes.subarray(from, to));
  return new UnreadableMessage(raw, `${where}: expected ${expected}, found ${found}.`);
}

function faultOf(bytes: Buffer, from: number, to: number): { at: number; expected: string; found: string } {
  const json = new StrictJson(bytes, from, to, 'the end of the line');
  if (json.value()) {
    json.skipSpace();
    json.fail('the end of the line');
  }
  const fault = json.fault!;
  const badUtf8 = findBadUtf8(bytes, from, to);
  if (badUtf8 === undefined || badUtf8 > fault.at) return fault;
  return { at: badUtf8, expected: 'UTF-8', found: describeCharacter(bytes, badUtf8, badUtf8 + 1) };
}

/** The error for an element that is too long. Only its beginning is kept. */
export function tooLarge(bytes: Buffer, from: number, to: number, limit: number, where: string): UnreadableMessage {
  const raw = headOf(bytes, from, to);
  const sentence =
    `${where}: expected an element of at most ${limit} bytes, found a longer one, of which the first ${raw.length} are kept. ` +
    'Look for a missing quotation mark or bracket; if the file is right, raise maxElementBytes of the broker.';
  return new UnreadableMessage(raw, sentence, 'WM_ELEMENT_TOO_LARGE');
}

/** A copy of the beginning of an element, without splitting a character. */
export function headOf(bytes: Uint8Array, from: number, to: number): Uint8Array {
  let end = Math.min(to, from + keptBytes);
  if (end < to) while (end > from + keptBytes - 4 && (bytes[end]! & 0xc0) === 0x80) end--;
  return new Uint8Array(bytes.subarray(from, end));
}

export function countCharacters(bytes: Uint8Array, from: number, to: number): number {
  let count = 0;
  for (let at = from; at < to; at++) if ((bytes[at]! & 0xc0) !== 0x80) count++;
  return count;
}
